//! What LVIS says beside annotations: which classes were looked for in an image, and how frequent they are.

use std::collections::HashSet;

use super::file::{Category, Image};
use super::known::Known;
use super::{FREQUENCIES, Finding, IGNORE, UNVERIFIED, Which};

/// Characters of a text that is none of those expected.
const SHOWN: usize = 20;

/// Classes of each image, as numbers among all of them.
#[derive(Debug)]
pub struct Federation {
    /// Those that the image has none of.
    absent: Vec<HashSet<usize>>,
    /// Those that it may have more of.
    open: Vec<HashSet<usize>>,
    /// The flag of each class.
    frequencies: Vec<i64>,
}

impl Federation {
    /// What files say of their images and classes. What is wrong is told, and left out.
    pub fn new(
        images: &[Image<'_>],
        categories: &[Category<'_>],
        of_category: &Known,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut tell =
            |list, index, message| findings.push(Finding { side: Which::Target, list, index, message });
        let (mut absent, mut open) = (Vec::new(), Vec::new());
        for image in images {
            for (name, ids, sets) in [
                ("neg_category_ids", &image.neg_category_ids, &mut absent),
                ("not_exhaustive_category_ids", &image.not_exhaustive_category_ids, &mut open),
            ] {
                if ids.is_none() {
                    tell("images", image.place, format!("expected `{name}`, found none"));
                }
                let mut labels = HashSet::new();
                for id in ids.iter().flatten() {
                    let unknown = || {
                        tell("images", image.place, format!("expected `{name}` of `categories`, found {id}"));
                    };
                    labels.extend(of_category.place(*id, unknown));
                }
                sets.push(labels);
            }
        }
        let mut frequency = |category: &Category<'_>| {
            let found = category.frequency.as_deref();
            let known = FREQUENCIES.iter().find(|(name, _)| Some(*name) == found);
            if known.is_none() {
                let quoted = |text: &str| format!("{:?}", text.chars().take(SHOWN).collect::<String>());
                let found = found.map_or_else(|| "none".to_owned(), quoted);
                let message = format!("expected a `frequency` of r, c or f, found {found}");
                tell("categories", category.place, message);
            }
            known.map_or(0, |(_, flag)| *flag)
        };
        let frequencies = categories.iter().map(&mut frequency).collect();
        Self { absent, open, frequencies }
    }

    /// The flag of targets of a class; none where there are no classes.
    pub fn of_target(&self, label: usize) -> i64 {
        self.frequencies.get(label).copied().unwrap_or_default()
    }

    /// The flags of predictions of a class in an image, which may have targets of it.
    pub fn of_pred(&self, image: usize, label: usize, is_there: impl FnOnce() -> bool) -> i64 {
        let open = if self.open[image].contains(&label) { IGNORE } else { 0 };
        let looked = self.absent[image].contains(&label) || is_there();
        open | if looked { 0 } else { UNVERIFIED }
    }
}
