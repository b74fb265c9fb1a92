//! Images of objects on several threads: files become tables, tables matches, and matches curves.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, look};
use crate::instances::Masks;
use crate::instances::coco::{Dataset, File, Finding, Options, Rows, Which, Worker, read_pred, read_target};
use crate::instances::matching::{Matched, Question, Tables};
use crate::instances::precision::{Curves, Ranked, Reading};
use crate::parallel::pool::{self, Cancel};

/// Images that a thread takes at once.
const AT_ONCE: usize = 16;

/// What two files hold: rows of all images, in the order of their ids.
pub struct Tabled<'a> {
    /// The images and the classes.
    pub dataset: Dataset<'a>,
    /// Their rows.
    pub rows: Rows,
    /// What is wrong, sorted; rows are of use only where nothing is.
    pub findings: Vec<Finding>,
}

/// What `make` makes of parts of a range, in their order; nothing is begun after a failure. `tick` is called on the
/// caller's thread every 50 ms.
fn in_parts<R: Send, E>(
    len: usize,
    at_once: usize,
    threads: usize,
    make: impl Fn(Range<usize>, &mut dyn FnMut() -> bool) -> Result<R, Error> + Sync,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Vec<R>, Error>, E> {
    let next = AtomicUsize::new(0);
    let work = |cancel: &Cancel| {
        let mut parts = Vec::new();
        loop {
            let start = next.fetch_add(at_once, Ordering::Relaxed);
            if start >= len {
                return Ok(parts);
            }
            let part = make(start..(start + at_once).min(len), &mut || cancel.is_set());
            match part {
                Ok(part) => parts.push((start, part)),
                Err(error) => {
                    next.store(len, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    };
    let threads = threads.min(len.div_ceil(at_once));
    let parts = pool::run(threads, work, tick)?;
    Ok(parts.into_iter().collect::<Result<Vec<_>, _>>().map(|parts| {
        let mut parts: Vec<(usize, R)> = parts.into_iter().flatten().collect();
        parts.sort_unstable_by_key(|(start, _)| *start);
        parts.into_iter().map(|(_, part)| part).collect()
    }))
}

/// Read a file of annotations and one of results.
///
/// # Errors
///
/// Whatever `tick` returned; within that, [`Error::Cancelled`].
///
/// # Panics
///
/// If a worker panics.
pub fn tables<E>(
    [target, pred]: [&[u8]; 2],
    options: Options,
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Tabled<'_>, Error>, E> {
    let (dataset, mut findings) = match dataset([target, pred], options, threads, &mut tick)? {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let workers = Mutex::new(Vec::new());
    let images = |images: Range<usize>, stop: &mut dyn FnMut() -> bool| {
        let taken = workers.lock().map(|mut workers| workers.pop());
        let mut worker: Worker = taken.ok().flatten().unwrap_or_default();
        let (mut rows, mut findings) = (Rows::default(), Vec::new());
        for image in images {
            worker.add(&dataset, image, &mut rows, &mut findings, stop)?;
        }
        if let Ok(mut workers) = workers.lock() {
            workers.push(worker);
        }
        Ok((rows, findings))
    };
    let parts = match in_parts(dataset.images.len(), AT_ONCE, threads, images, tick)? {
        Ok(parts) => parts,
        Err(error) => return Ok(Err(error)),
    };
    let mut rows = Rows::default();
    for (mut part, mut found) in parts {
        rows.append(&mut part);
        findings.append(&mut found);
    }
    findings.sort();
    Ok(Ok(Tabled { dataset, rows, findings }))
}

/// Read both files but for their masks, and what is wrong with them.
#[allow(
    clippy::type_complexity,
    reason = "what is read and what is wrong, or that it was cancelled, or what a tick said"
)]
fn dataset<E>(
    texts: [&[u8]; 2],
    options: Options,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<(Dataset<'_>, Vec<Finding>), Error>, E> {
    let files = in_parts(2, 1, threads, |side, stop| read_file(texts, side.start, stop), tick)?;
    Ok(files.map(|files| {
        let mut findings = Vec::new();
        let mut read = files.into_iter().map(|(file, mut found)| {
            findings.append(&mut found);
            file
        });
        let [target, pred] = [read.next().unwrap_or_default(), read.next().unwrap_or_default()];
        drop(read);
        let dataset = Dataset::new(target, pred, options, &mut findings);
        (dataset, findings)
    }))
}

/// What pictures of objects are made of.
pub struct Pictured {
    /// Id and name of each image.
    pub images: Vec<(i64, String)>,
    /// The masks of those that were asked for.
    pub masks: Vec<[Masks; 2]>,
}

/// Ids and names of all images, and masks of some of them, by their places in the order of ids: of targets and of
/// predictions, in the order of the files.
///
/// # Errors
///
/// Whatever `tick` returned; within that, [`Error::BadRows`] for an image that there is not, and [`Error::Cancelled`].
///
/// # Panics
///
/// If a worker panics.
pub fn masks<E>(
    texts: [&[u8]; 2],
    images: &[usize],
    options: Options,
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Pictured, Error>, E> {
    let dataset = match dataset(texts, options, threads, &mut tick)? {
        Ok((dataset, _)) => dataset,
        Err(error) => return Ok(Err(error)),
    };
    if images.iter().any(|&image| image >= dataset.images.len()) {
        return Ok(Err(Error::BadRows("there is no such image")));
    }
    let of_image =
        |image: Range<usize>, stop: &mut dyn FnMut() -> bool| dataset.masks(images[image.start], stop);
    let masks = in_parts(images.len(), 1, threads, of_image, tick)?;
    let all = dataset.images.iter().map(|image| (image.id, image.name())).collect();
    Ok(masks.map(|masks| Pictured { images: all, masks }))
}

fn read_file<'a>(
    texts: [&'a [u8]; 2],
    side: usize,
    stop: &mut dyn FnMut() -> bool,
) -> Result<(File<'a>, Vec<Finding>), Error> {
    let mut findings = Vec::new();
    let read = if side == Which::Target as usize { read_target } else { read_pred };
    Ok((read(texts[side], &mut findings, stop)?, findings))
}

/// Match the predictions of all images.
///
/// # Errors
///
/// Whatever `tick` returned; within that, what [`Tables::check`] says, and [`Error::Cancelled`].
///
/// # Panics
///
/// If a worker panics.
pub fn ranked<E>(
    tables: &Tables<'_>,
    question: Question,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Ranked, Error>, E> {
    if let Err(error) = tables.check(question.classes) {
        return Ok(Err(error));
    }
    let images = |images: Range<usize>, stop: &mut dyn FnMut() -> bool| {
        let mut matched = Matched::default();
        for image in images {
            look(stop)?;
            tables.match_image(image, &question, &mut matched);
        }
        Ok(matched)
    };
    let parts = in_parts(tables.images(), AT_ONCE, threads, images, tick)?;
    Ok(parts.map(|parts| {
        let mut matched = Matched::default();
        for mut part in parts {
            matched.detections.append(&mut part.detections);
            matched.counted.append(&mut part.counted);
        }
        Ranked::new(matched, question)
    }))
}

/// The curves of all classes, in their order.
///
/// # Errors
///
/// Whatever `tick` returned; within that, [`Error::Cancelled`].
///
/// # Panics
///
/// If a worker panics, or there is no weight for an image.
pub fn curves<E>(
    ranked: &Ranked,
    reading: &Reading,
    weights: Option<&[u32]>,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Vec<Curves>, Error>, E> {
    let of_class = |class: Range<usize>, stop: &mut dyn FnMut() -> bool| {
        look(stop)?;
        Ok(ranked.curves(class.start, reading, weights))
    };
    in_parts(ranked.question().classes, 1, threads, of_class, tick)
}

/// Rows of weights that a thread takes at once, of one class.
const ROWS_AT_ONCE: usize = 64;

/// Mean precisions over points of recall with many weights of the images: for each class and each row one for each
/// threshold, as [`Ranked::averages`] has them.
///
/// # Errors
///
/// Whatever `tick` returned; within that, [`Error::Cancelled`].
///
/// # Panics
///
/// If a worker panics, or there is no weight for an image.
pub fn averages<E>(
    ranked: &Ranked,
    recalls: &[f64],
    rows: &[&[u8]],
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Vec<f64>, Error>, E> {
    let chunks: Vec<&[&[u8]]> = rows.chunks(ROWS_AT_ONCE).collect();
    let of_part = |part: Range<usize>, stop: &mut dyn FnMut() -> bool| {
        let (label, chunk) = (part.start / chunks.len(), part.start % chunks.len());
        ranked.averages(label, recalls, chunks[chunk], stop)
    };
    let parts = in_parts(ranked.question().classes * chunks.len(), 1, threads, of_part, tick)?;
    Ok(parts.map(|parts| parts.concat()))
}

#[cfg(test)]
mod tests;
