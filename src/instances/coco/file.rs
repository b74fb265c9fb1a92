//! JSON becomes lists of images, categories and objects, whose masks stay where they are.
//!
//! A file is read in one go; only where that fails, its entries are read one by one, to tell of all that are wrong.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::known::Refused;
use super::truth::{TRUTH, Truth};
use super::wording::{self, Field, needed, optional};
use super::{ANNOTATIONS, Finding, RESULTS, Which};
use crate::error::{Error, look};

/// An image.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Image<'a> {
    pub id: i64,
    pub height: u32,
    pub width: u32,
    #[serde(borrow)]
    pub file_name: Option<Cow<'a, str>>,
    /// Of LVIS: categories of which the image is known to have no object.
    pub neg_category_ids: Option<Vec<i64>>,
    /// Of LVIS: categories of which the image may have more objects than there are annotations.
    pub not_exhaustive_category_ids: Option<Vec<i64>>,
    /// Which entry of its list it is; so for the others.
    #[serde(skip)]
    pub place: usize,
}

impl Image<'_> {
    /// The name of its file; nothing where it has none.
    #[must_use]
    pub fn name(&self) -> String {
        self.file_name.as_deref().unwrap_or_default().to_owned()
    }
}

/// A class.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Category<'a> {
    pub id: i64,
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Of LVIS: `r`, `c` or `f`, for a class that few, some or many images for training have.
    #[serde(borrow)]
    pub frequency: Option<Cow<'a, str>>,
    #[serde(skip)]
    pub place: usize,
}

/// An annotation, or a result.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Object<'a> {
    /// Of annotations; results have none.
    pub id: Option<i64>,
    pub image_id: i64,
    pub category_id: i64,
    /// Of results.
    pub score: Option<f64>,
    /// Of annotations: in pixels, and not always as many as the mask has.
    pub area: Option<f64>,
    pub iscrowd: Option<Truth>,
    pub ignore: Option<Truth>,
    #[serde(borrow)]
    pub segmentation: Option<&'a RawValue>,
    #[serde(skip)]
    pub place: usize,
}

/// An entry of a list, which knows its place there, also where others are left out.
trait Entry {
    /// What it is read of.
    const FIELDS: &'static [Field];

    fn at(&mut self, place: usize);
}

const ID: &str = "a whole number below 2**63";
const SIZE: &str = "a whole number of 0 to 2**32 - 1";
const IDS: &str = "a list of whole numbers";
const NUMBER: &str = "a number";
const TEXT: &str = "a text";

macro_rules! entries {
    ($($entry:ident: $fields:expr),* $(,)?) => {
        $(impl Entry for $entry<'_> {
            const FIELDS: &'static [Field] = &$fields;

            fn at(&mut self, place: usize) {
                self.place = place;
            }
        })*
    };
}

entries! {
    Image: [
        needed::<i64>("id", ID),
        needed::<u32>("height", SIZE),
        needed::<u32>("width", SIZE),
        optional::<String>("file_name", TEXT),
        optional::<Vec<i64>>("neg_category_ids", IDS),
        optional::<Vec<i64>>("not_exhaustive_category_ids", IDS),
    ],
    Category: [
        needed::<i64>("id", ID),
        needed::<String>("name", TEXT),
        optional::<String>("frequency", TEXT),
    ],
    Object: [
        optional::<i64>("id", ID),
        needed::<i64>("image_id", ID),
        needed::<i64>("category_id", ID),
        optional::<f64>("score", NUMBER),
        optional::<f64>("area", NUMBER),
        optional::<Truth>("iscrowd", TRUTH),
        optional::<Truth>("ignore", TRUTH),
        optional::<IgnoredAny>("segmentation", ""),
    ],
}

fn numbered<T: Entry>(mut list: Vec<T>) -> Vec<T> {
    list.iter_mut().enumerate().for_each(|(place, entry)| entry.at(place));
    list
}

/// What a file holds; results have neither images nor categories.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct File<'a> {
    pub images: Vec<Image<'a>>,
    pub categories: Vec<Category<'a>>,
    pub objects: Vec<Object<'a>>,
    pub refused_images: Refused,
    pub refused_categories: Refused,
}

type Stop<'a> = &'a mut dyn FnMut() -> bool;

type Raw<'a> = &'a RawValue;

/// Entries between two questions whether to stop.
const PACE: usize = 1 << 10;
const STOPPED: &str = "stopped";

/// Read annotations. What is wrong is told in `findings`, and left out.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub fn read_target<'a>(text: &'a [u8], findings: &mut Vec<Finding>, stop: Stop) -> Result<File<'a>, Error> {
    let text = without_mark(text);
    match parsed(text, Lists::<Image<'a>, Category<'a>, Object<'a>>::seed(stop)) {
        Ok(Lists { images, categories, annotations }) => {
            let lists = Lists {
                images: images.map(numbered),
                categories: categories.map(numbered),
                annotations: annotations.map(numbered),
            };
            return Ok(lists.of_target(Default::default(), findings));
        }
        Err(_) => look(stop)?,
    }
    // Something is wrong: each entry by itself says what.
    match parsed(text, Lists::<Raw<'a>, Raw<'a>, Raw<'a>>::seed(stop)) {
        Ok(lists) => {
            let mut refused: [Refused; 3] = Default::default();
            let [of_images, of_categories, of_objects] = &mut refused;
            let side = Which::Target;
            let lists = Lists {
                images: lists.images.map(|list| each(&list, "images", side, of_images, findings)),
                categories: lists
                    .categories
                    .map(|list| each(&list, "categories", side, of_categories, findings)),
                annotations: lists
                    .annotations
                    .map(|list| each(&list, ANNOTATIONS, side, of_objects, findings)),
            };
            let [of_images, of_categories, _] = refused;
            Ok(lists.of_target([of_images, of_categories], findings))
        }
        Err(error) => {
            look(stop)?;
            let messages = wording::of_lists(text, &error, ["images", ANNOTATIONS, "categories"]);
            findings.extend(messages.into_iter().map(|message| of_file(Which::Target, message)));
            let [refused_images, refused_categories] = [Refused::all(), Refused::all()];
            Ok(File { refused_images, refused_categories, ..File::default() })
        }
    }
}

/// Read results; the rest is as for [`read_target`].
///
/// # Errors
///
/// [`Error::Cancelled`].
pub fn read_pred<'a>(text: &'a [u8], findings: &mut Vec<Finding>, stop: Stop) -> Result<File<'a>, Error> {
    let text = without_mark(text);
    let objects = if let Ok(objects) = parsed(text, List::<Object<'a>>::seed(stop)) {
        numbered(objects)
    } else {
        look(stop)?;
        match parsed(text, List::<Raw<'a>>::seed(stop)) {
            Ok(list) => each(&list, RESULTS, Which::Pred, &mut Refused::default(), findings),
            Err(error) => {
                look(stop)?;
                findings.push(of_file(Which::Pred, wording::of_list(text, &error)));
                Vec::new()
            }
        }
    };
    Ok(File { objects, ..File::default() })
}

fn of_file(side: Which, message: String) -> Finding {
    Finding { side, list: "", index: 0, message }
}

/// A text without the mark of UTF-8 that some editors put before it.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

fn parsed<'a, S: DeserializeSeed<'a>>(text: &'a [u8], seed: S) -> Result<S::Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = seed.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The entries that are as they should be; of the others it is told what is wrong.
fn each<'a, T: Deserialize<'a> + Entry>(
    list: &[&'a RawValue],
    name: &'static str,
    side: Which,
    refused: &mut Refused,
    findings: &mut Vec<Finding>,
) -> Vec<T> {
    let read = |(index, text): (usize, &&'a RawValue)| {
        if let Ok(mut entry) = serde_json::from_str(text.get()) {
            T::at(&mut entry, index);
            return Some(entry);
        }
        let fields = wording::fields(text.get()).unwrap_or_default();
        let id = fields.iter().find(|(name, _)| name == "id");
        refused.add(id.and_then(|(_, id)| serde_json::from_str(id.get()).ok()));
        let messages = wording::of_entry(text.get(), &fields, T::FIELDS);
        findings.extend(messages.into_iter().map(|message| Finding { side, list: name, index, message }));
        None
    };
    list.iter().enumerate().filter_map(read).collect()
}

/// The three lists of a file of annotations; those that are missing are none.
struct Lists<I, C, O> {
    images: Option<Vec<I>>,
    categories: Option<Vec<C>>,
    annotations: Option<Vec<O>>,
}

impl<I, C, O> Lists<I, C, O> {
    fn seed(stop: Stop<'_>) -> ListsSeed<'_, I, C, O> {
        ListsSeed { stop, kinds: PhantomData }
    }
}

impl<'a> Lists<Image<'a>, Category<'a>, Object<'a>> {
    fn of_target(self, refused: [Refused; 2], findings: &mut Vec<Finding>) -> File<'a> {
        let missing = [
            ("images", self.images.is_none()),
            ("categories", self.categories.is_none()),
            (ANNOTATIONS, self.annotations.is_none()),
        ];
        for (name, _) in missing.into_iter().filter(|(_, missing)| *missing) {
            findings.push(of_file(Which::Target, format!("expected a list of `{name}`, found none")));
        }
        let [mut refused_images, mut refused_categories] = refused;
        // Where a list is empty, that is what its readers say, and not that each object refers to none of it.
        if self.images.as_ref().is_none_or(Vec::is_empty) {
            refused_images = Refused::all();
        }
        if self.categories.as_ref().is_none_or(Vec::is_empty) {
            refused_categories = Refused::all();
        }
        File {
            images: self.images.unwrap_or_default(),
            categories: self.categories.unwrap_or_default(),
            refused_images,
            refused_categories,
            objects: self.annotations.unwrap_or_default(),
        }
    }
}

struct ListsSeed<'s, I, C, O> {
    stop: Stop<'s>,
    kinds: PhantomData<(I, C, O)>,
}

impl<'a, I: Deserialize<'a>, C: Deserialize<'a>, O: Deserialize<'a>> DeserializeSeed<'a>
    for ListsSeed<'_, I, C, O>
{
    type Value = Lists<I, C, O>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'a, I: Deserialize<'a>, C: Deserialize<'a>, O: Deserialize<'a>> Visitor<'a> for ListsSeed<'_, I, C, O> {
    type Value = Lists<I, C, O>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an object with lists of `images`, `annotations` and `categories`")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut lists = Lists { images: None, categories: None, annotations: None };
        let stop = self.stop;
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            match &*key {
                "images" => lists.images = Some(map.next_value_seed(List::seed(stop))?),
                "categories" => lists.categories = Some(map.next_value_seed(List::seed(stop))?),
                ANNOTATIONS => lists.annotations = Some(map.next_value_seed(List::seed(stop))?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(lists)
    }
}

/// A list that asks now and then whether to stop.
struct List<'s, T> {
    stop: Stop<'s>,
    kind: PhantomData<T>,
}

impl<'s, T> List<'s, T> {
    fn seed(stop: Stop<'s>) -> Self {
        Self { stop, kind: PhantomData }
    }
}

impl<'a, T: Deserialize<'a>> DeserializeSeed<'a> for List<'_, T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'a, T: Deserialize<'a>> Visitor<'a> for List<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<Vec<T>, S::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            entries.push(entry);
            if entries.len().is_multiple_of(PACE) && (self.stop)() {
                return Err(S::Error::custom(STOPPED));
            }
        }
        Ok(entries)
    }
}
