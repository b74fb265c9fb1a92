//! What two files hold becomes rows: of each image its objects, and how many pixels targets and predictions share.

use std::collections::HashMap;

use super::file::{Category, File, Image, Object};
use super::known::Known;
use super::truth::Truth;
use super::{ANNOTATIONS, BOX_ONLY, CROWD, Federation, Finding, IGNORE, MaskReader, RESULTS, Which};
use crate::cpu::Kernel;
use crate::error::{Error, look};
use crate::instances::sharing::Sharing;
use crate::instances::{Masks, Size};
use crate::limits::MAX_PAIRS;

/// Side (0 of targets, 1 of predictions), id, label, pixels, area and score (bits of doubles), flags, pixels of void,
/// place in the file.
pub const OBJECT_COLUMNS: usize = 9;

/// How files are read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Most pixels of an image.
    pub max_pixels: u64,
    /// The area of a target is that of its mask, whatever its file says.
    pub area_from_mask: bool,
    /// Classes are looked for in some of the images alone, as in LVIS.
    pub federated: bool,
    /// Whose bands are measured, if any are.
    pub band: Option<Width>,
}

/// How wide bands along the borders of masks are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// In pixels.
    Pixels(u32),
    /// As a share of the diagonal of the image.
    Share(f64),
}

impl Width {
    /// The width in pixels: a share is rounded, and at least one pixel.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a diagonal is below 2^33")]
    pub fn of(self, size: Size) -> u32 {
        match self {
            Self::Pixels(width) => width.max(1),
            Self::Share(share) => {
                let diagonal = f64::hypot(size.height().into(), size.width().into());
                ((share * diagonal).round_ties_even() as u32).max(1)
            }
        }
    }
}

/// Two files, whose objects are known to have an image and a class.
pub struct Dataset<'a> {
    /// By id.
    pub images: Vec<Image<'a>>,
    /// By id.
    pub categories: Vec<Category<'a>>,
    sides: [Side<'a>; 2],
    sizes: Vec<Size>,
    federation: Option<Federation>,
    options: Options,
}

/// Objects of one file, image by image in the order of the file.
struct Side<'a> {
    objects: Vec<Object<'a>>,
    /// The places of objects in the list, those of image `i` from `offsets[i]` on.
    order: Vec<usize>,
    offsets: Vec<usize>,
    /// By place in the list.
    labels: Vec<usize>,
}

/// A number of things in memory, or a place among them.
fn number(place: usize) -> i64 {
    place.cast_signed() as i64
}

/// Places by id; ids that are there twice are told of.
fn places<T>(
    entries: &mut [T],
    id_and_place: impl Fn(&T) -> (i64, usize),
    list: &'static str,
    findings: &mut Vec<Finding>,
) -> HashMap<i64, usize> {
    let mut seen = HashMap::with_capacity(entries.len());
    for entry in &*entries {
        let (id, place) = id_and_place(entry);
        if seen.insert(id, place).is_some() {
            twice(id, list, place, findings);
        }
    }
    entries.sort_by_key(|entry| id_and_place(entry).0);
    entries.iter().map(|entry| id_and_place(entry).0).zip(0..).collect()
}

fn twice(id: i64, list: &'static str, index: usize, findings: &mut Vec<Finding>) {
    let message = format!("expected ids that differ, found {id} twice");
    findings.push(Finding { side: Which::Target, list, index, message });
}

impl<'a> Dataset<'a> {
    /// The objects of both files by image and class. What is wrong is told, and left out.
    pub fn new(target: File<'a>, pred: File<'a>, options: Options, findings: &mut Vec<Finding>) -> Self {
        let File { mut images, mut categories, objects, mut refused_images, refused_categories } = target;
        images.retain(|image| match Size::new(image.height, image.width, options.max_pixels) {
            Ok(_) => true,
            Err(error) => {
                let message = error.to_string();
                findings.push(Finding { side: Which::Target, list: "images", index: image.place, message });
                refused_images.add(Some(image.id));
                false
            }
        });
        let of_image = places(&mut images, |image| (image.id, image.place), "images", findings);
        let of_image = Known { places: of_image, refused: refused_images };
        let of_category =
            places(&mut categories, |category| (category.id, category.place), "categories", findings);
        let of_category = Known { places: of_category, refused: refused_categories };
        let sizes: Vec<Size> = images
            .iter()
            .map(|image| Size::new(image.height, image.width, options.max_pixels).unwrap_or_default())
            .collect();
        let mut seen = HashMap::with_capacity(objects.len());
        for object in &objects {
            if let Some(id) = object.id
                && seen.insert(id, object.place).is_some()
            {
                twice(id, ANNOTATIONS, object.place, findings);
            }
        }
        let mut by_image = |which, objects| {
            Side::new(which, objects, (sizes.len(), &of_image, &of_category), options, findings)
        };
        let both = [by_image(Which::Target, objects), by_image(Which::Pred, pred.objects)];
        let federation =
            options.federated.then(|| Federation::new(&images, &categories, &of_category, findings));
        Self { images, categories, sides: both, sizes, federation, options }
    }

    /// The masks of an image, of targets and of predictions, in the order of their files; those that cannot be read are
    /// empty.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] where `stop` says so.
    ///
    /// # Panics
    ///
    /// If there is no such image.
    pub fn masks(&self, image: usize, stop: &mut dyn FnMut() -> bool) -> Result<[Masks; 2], Error> {
        let mut reader = MaskReader::default();
        let mut of_side = |side: &Side<'_>| -> Result<Masks, Error> {
            let mut masks = Masks::new(self.sizes[image]);
            for &place in side.of_image(image) {
                look(stop)?;
                let read = reader.read(side.objects[place].segmentation, &mut masks);
                if read.is_err() {
                    reader.nothing(&mut masks);
                }
            }
            Ok(masks)
        };
        let [target, pred] = &self.sides;
        Ok([of_side(target)?, of_side(pred)?])
    }
}

impl<'a> Side<'a> {
    fn new(
        side: Which,
        objects: Vec<Object<'a>>,
        (number, images, categories): (usize, &Known, &Known),
        options: Options,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let list = if side == Which::Target { ANNOTATIONS } else { RESULTS };
        let mut labels = vec![0; objects.len()];
        let mut placed = Vec::with_capacity(objects.len());
        for (index, object) in objects.iter().enumerate() {
            let mut tell = |message| findings.push(Finding { side, list, index: object.place, message });
            let is_target = side == Which::Target;
            if is_target {
                match object.id {
                    None => tell("expected an `id`, found none".into()),
                    // Tools write one below 0 where an object has none; all such objects would be one.
                    Some(id) if id < 0 => tell(format!("expected an `id` of 0 or more, found {id}")),
                    Some(_) => {}
                }
            }
            if is_target && object.area.is_none() && !options.area_from_mask {
                tell("expected an `area`, found none".into());
            }
            if !is_target && object.score.is_none() {
                tell("expected a `score`, found none".into());
            }
            let (category, image) = (object.category_id, object.image_id);
            let unknown = || tell(format!("expected a `category_id` of `categories`, found {category}"));
            labels[index] = categories.place(category, unknown).unwrap_or_default();
            let unknown = || tell(format!("expected an `image_id` of `images`, found {image}"));
            placed.extend(images.place(image, unknown).map(|image| (image, index)));
        }
        let mut offsets = vec![0; number + 1];
        for &(image, _) in &placed {
            offsets[image + 1] += 1;
        }
        for image in 0..number {
            offsets[image + 1] += offsets[image];
        }
        let mut next = offsets.clone();
        let mut order = vec![0; placed.len()];
        for (image, index) in placed {
            order[next[image]] = index;
            next[image] += 1;
        }
        Self { objects, order, offsets, labels }
    }

    fn of_image(&self, image: usize) -> &[usize] {
        &self.order[self.offsets[image]..self.offsets[image + 1]]
    }
}

/// Rows of images that follow each other.
#[derive(Debug)]
pub struct Rows {
    /// Columns of objects: of each image targets, then predictions, in the order of their files.
    pub objects: [Vec<i64>; OBJECT_COLUMNS],
    /// How many objects there are up to the end of each image.
    pub object_ends: Vec<i64>,
    /// Target and prediction, as numbers among those of their image, and how many pixels they share.
    pub overlaps: [Vec<i64>; 3],
    /// How many overlaps there are up to the end of each image.
    pub overlap_ends: Vec<i64>,
    /// Where bands are measured, pixels of the band of each object, and how many those of each overlap share.
    pub bands: [Vec<i64>; 2],
}

impl Default for Rows {
    fn default() -> Self {
        let objects = [const { Vec::new() }; OBJECT_COLUMNS];
        let overlaps = [const { Vec::new() }; 3];
        let bands = [const { Vec::new() }; 2];
        Self { objects, object_ends: Vec::new(), overlaps, overlap_ends: Vec::new(), bands }
    }
}

impl Rows {
    /// Add the rows of the images behind.
    pub fn append(&mut self, more: &mut Self) {
        let [objects, overlaps] = [self.objects[0].len(), self.overlaps[0].len()].map(number);
        self.object_ends.extend(more.object_ends.iter().map(|end| end + objects));
        self.overlap_ends.extend(more.overlap_ends.iter().map(|end| end + overlaps));
        let columns = self.objects.iter_mut().chain(&mut self.overlaps).chain(&mut self.bands);
        let others = more.objects.iter_mut().chain(&mut more.overlaps).chain(&mut more.bands);
        for (column, more) in columns.zip(others) {
            column.append(more);
        }
    }
}

/// Reads the masks of one image after the other, in memory that it keeps.
pub struct Worker {
    reader: MaskReader,
    masks: [Masks; 2],
    sharing: Sharing,
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            reader: MaskReader::default(),
            masks: Default::default(),
            sharing: Sharing::new(Kernel::best()),
        }
    }
}

impl Worker {
    /// Add the rows of an image; masks that cannot be read are told, and are empty. `stop` is asked at each target.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub fn add(
        &mut self,
        dataset: &Dataset<'_>,
        image: usize,
        rows: &mut Rows,
        findings: &mut Vec<Finding>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        for (side, which) in [Which::Target, Which::Pred].into_iter().enumerate() {
            let masks = &mut self.masks[side];
            masks.clear(dataset.sizes[image]);
            let of_side = &dataset.sides[side];
            for (mask, &place) in of_side.of_image(image).iter().enumerate() {
                let object = &of_side.objects[place];
                let is_mask = self.reader.read(object.segmentation, masks).unwrap_or_else(|message| {
                    let list = if which == Which::Target { ANNOTATIONS } else { RESULTS };
                    findings.push(Finding { side: which, list, index: object.place, message });
                    self.reader.nothing(masks)
                });
                let pixels = masks.pixels(mask);
                let of_mask = which == Which::Pred || dataset.options.area_from_mask;
                let area = object.area.filter(|_| !of_mask).unwrap_or_else(|| pixels.into());
                let flag =
                    |truth: Option<Truth>, flag| if truth.is_some_and(|truth| truth.0) { flag } else { 0 };
                let label = of_side.labels[place];
                let of_class = dataset.federation.as_ref().map_or(0, |federation| {
                    let targets = &dataset.sides[0];
                    let is_there = || {
                        let own = targets.of_image(image).iter().filter(|&&row| targets.labels[row] == label);
                        // LVIS knows no target of no area.
                        own.copied().any(|row| targets.objects[row].area.is_none_or(|area| area > 0.0))
                    };
                    match which {
                        Which::Target => federation.of_target(label),
                        Which::Pred => federation.of_pred(image, label, is_there),
                    }
                });
                let flags = of_class
                    | if which == Which::Target {
                        flag(object.iscrowd, CROWD) | flag(object.ignore, IGNORE)
                    } else {
                        0
                    };
                let row = [
                    number(side),
                    object.id.unwrap_or(number(place)),
                    number(label),
                    pixels.into(),
                    area.to_bits().cast_signed(),
                    object.score.unwrap_or(0.0).to_bits().cast_signed(),
                    flags | if is_mask { 0 } else { BOX_ONLY },
                    0,
                    number(place),
                ];
                for (column, value) in rows.objects.iter_mut().zip(row) {
                    column.push(value);
                }
            }
        }
        let band = dataset.options.band.map(|width| width.of(dataset.sizes[image]));
        let masks @ [targets, preds] = self.masks.each_ref();
        self.sharing.prepare(masks, band, &mut rows.bands[0], stop)?;
        let before = rows.overlaps[0].len();
        for target in 0..targets.len() {
            look(stop)?;
            if rows.overlaps[0].len() - before > MAX_PAIRS {
                let id = dataset.images[image].id;
                let message = format!("more than {MAX_PAIRS} pairs of objects of image {id} share pixels");
                findings.push(Finding { side: Which::Pred, list: "", index: 0, message });
                break;
            }
            for pred in 0..preds.len() {
                let shared = self.sharing.of_masks(masks, target, pred);
                if shared > 0 {
                    let row = [number(target), number(pred), shared.into()];
                    for (column, value) in rows.overlaps.iter_mut().zip(row) {
                        column.push(value);
                    }
                    if band.is_some() {
                        rows.bands[1].push(self.sharing.of_bands(target, pred).into());
                    }
                }
            }
        }
        rows.object_ends.push(number(rows.objects[0].len()));
        rows.overlap_ends.push(number(rows.overlaps[0].len()));
        Ok(())
    }
}
