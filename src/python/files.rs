//! Mask files: counted pair by pair, or read as an array.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::{PyArray, PyArrayMethods, PyReadwriteArray1, PyUntypedArray};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::arrays::label_map;
use super::errors::{Signals, guarded, raised};
use super::rows::PyPairCounts;
use crate::error::{Error, Side};
use crate::masks::deflated::{self, Wrapping};
use crate::masks::png::{self, Labels, Mask, MaskFile, Reader, Rules};
use crate::parallel::batch::{self, Failure, Image, Job, Options, Worker};

/// Count pairs of PNG masks `(pred, target)`, each on its own, with `threads` threads.
///
/// Returns one item a pair, in their order: `(pair counts, shapes of the prediction and of the target, their
/// palettes)`, or the exception that says why there are none. There are fewer items where pairs have more than
/// `most_rows` rows together. `tick` is called with the number of pairs that are
/// done, about every 50 ms; an exception in it, or a signal, stops the call.
#[pyfunction]
#[pyo3(signature = (pairs, *, max_pixels, colours, resize, threads, most_rows, tick))]
#[allow(clippy::too_many_arguments, reason = "they have names in Python")]
pub(super) fn count_files(
    py: Python<'_>,
    pairs: Vec<(PathBuf, PathBuf)>,
    max_pixels: u64,
    colours: bool,
    resize: bool,
    threads: usize,
    most_rows: usize,
    tick: Py<PyAny>,
) -> PyResult<Vec<Py<PyAny>>> {
    let jobs: Vec<Job> = pairs.into_iter().map(|(pred, target)| Job { pred, target }).collect();
    let options = Options { rules: Rules { max_pixels, colours }, resize, threads, most_rows };
    let report = |done: usize| {
        Python::attach(|py| {
            py.check_signals()?;
            tick.call1(py, (done,)).map(drop)
        })
    };
    let results = guarded(|| py.detach(|| batch::count_files(&jobs, options, report)))?;
    let items = results.into_iter().zip(&jobs).map(|(result, job)| item(py, result, job));
    items.collect()
}

fn item(py: Python<'_>, result: Result<Image, Failure>, job: &Job) -> PyResult<Py<PyAny>> {
    match result {
        Ok(image) => Ok(counted(py, image).into_pyobject(py)?.into_any().unbind()),
        Err(failure) => Ok(refusal(py, &failure, &job.pred, &job.target).into_value(py).into_any()),
    }
}

type Size = (usize, usize);
type Counted<'py> = (PyPairCounts, (Size, Size), (Option<Bound<'py, PyBytes>>, Option<Bound<'py, PyBytes>>));

fn counted(py: Python<'_>, image: Image) -> Counted<'_> {
    let Image { pairs, shapes, palettes: [pred, target] } = image;
    let [of_pred, of_target] = shapes.map(|[height, width]| (height, width));
    (PyPairCounts(pairs), (of_pred, of_target), (bytes(py, pred), bytes(py, target)))
}

fn refusal(py: Python<'_>, failure: &Failure, pred: &Path, target: &Path) -> PyErr {
    let path = failure.side.map(|side| match side {
        Side::Target => target.display().to_string(),
        Side::Pred => pred.display().to_string(),
    });
    raised(py, &failure.error, path.as_deref())
}

/// Counts pairs of PNG masks whose bytes are here already, one after the other, in memory that it keeps.
#[pyclass(module = "segscore._core", frozen)]
#[derive(Default)]
pub(super) struct PngCounter(Mutex<Option<Worker>>);

impl PngCounter {
    fn kept(&self) -> MutexGuard<'_, Option<Worker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl PngCounter {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// What an item of `count_files` is for one pair, each mask with what messages call it; or raise it.
    #[pyo3(signature = (pred, target, *, max_pixels, colours, resize))]
    fn count<'py>(
        &self,
        py: Python<'py>,
        pred: (PyBackedBytes, PathBuf),
        target: (PyBackedBytes, PathBuf),
        max_pixels: u64,
        colours: bool,
        resize: bool,
    ) -> PyResult<Counted<'py>> {
        let rules = Rules { max_pixels, colours };
        let mut signals = Signals::new();
        // It is taken out while it is in use: another thread has one of its own, and a panic loses it.
        let mut worker = self.kept().take().unwrap_or_default();
        let outcome = guarded(|| {
            Ok(py.detach(|| worker.count_contents(&pred.0, &target.0, rules, resize, &mut || signals.came())))
        })?;
        *self.kept() = Some(worker);
        if let Some(signal) = signals.into_interrupt() {
            return Err(signal);
        }
        outcome.map(|image| counted(py, image)).map_err(|failure| refusal(py, &failure, &pred.1, &target.1))
    }
}

/// Red, green and blue of each index.
fn bytes(py: Python<'_>, palette: Option<Vec<u8>>) -> Option<Bound<'_, PyBytes>> {
    palette.map(|palette| PyBytes::new(py, &palette))
}

/// The labels of one PNG mask, and its palette if they are indices: uint8, uint16, or int64 for colours; shape
/// (height, width).
#[pyfunction]
#[pyo3(signature = (path, *, max_pixels, colours))]
pub(super) fn read_mask(
    py: Python<'_>,
    path: PathBuf,
    max_pixels: u64,
    colours: bool,
) -> PyResult<(Bound<'_, PyUntypedArray>, Option<Bound<'_, PyBytes>>)> {
    read_all(py, &path, |stop| {
        let mut reader = Reader::new();
        labels_and_palette(reader.open(&path, Rules { max_pixels, colours })?, stop)
    })
}

/// The same of the bytes of a PNG mask; `path` is what messages name.
#[pyfunction]
#[pyo3(signature = (content, path, *, max_pixels, colours))]
pub(super) fn decode_mask<'py>(
    py: Python<'py>,
    content: &[u8],
    path: PathBuf,
    max_pixels: u64,
    colours: bool,
) -> PyResult<(Bound<'py, PyUntypedArray>, Option<Bound<'py, PyBytes>>)> {
    read_all(py, &path, |stop| {
        let mut reader = Reader::new();
        let file = reader.read(content, content.len() as u64, Rules { max_pixels, colours })?;
        labels_and_palette(file, stop)
    })
}

fn labels_and_palette<R: Read>(
    mut file: MaskFile<'_, R>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<(Mask, Option<Vec<u8>>), Error> {
    let palette = file.palette(stop)?;
    Ok((file.decode(stop)?, palette))
}

/// What `read` makes of a PNG mask, with the interpreter released, as Python objects.
fn read_all<'py>(
    py: Python<'py>,
    path: &Path,
    read: impl FnOnce(&mut dyn FnMut() -> bool) -> Result<(Mask, Option<Vec<u8>>), Error> + Send,
) -> PyResult<(Bound<'py, PyUntypedArray>, Option<Bound<'py, PyBytes>>)> {
    let mut signals = Signals::new();
    let found = guarded(|| Ok(py.detach(|| read(&mut || signals.came()))))?;
    if let Some(signal) = signals.into_interrupt() {
        return Err(signal);
    }
    let (mask, palette) = found.map_err(|error: Error| at(py, &error, path))?;
    let shape = [mask.height, mask.width];
    let labels = match mask.labels {
        Labels::Bytes(labels) => PyArray::from_vec(py, labels).reshape(shape)?.as_untyped().clone(),
        Labels::Words(labels) => PyArray::from_vec(py, labels).reshape(shape)?.as_untyped().clone(),
        Labels::Colours(labels) => PyArray::from_vec(py, labels).reshape(shape)?.as_untyped().clone(),
    };
    Ok((labels, bytes(py, palette)))
}

/// The bytes of a PNG file with these labels, 0 to 65,535, or with colours up to 255.
#[pyfunction]
#[pyo3(signature = (labels, *, palette = None))]
pub(super) fn encode_mask<'py>(
    py: Python<'py>,
    labels: &Bound<'py, PyUntypedArray>,
    palette: Option<Vec<[u8; 3]>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let map = label_map(labels)?;
    let encoded = guarded(|| Ok(py.detach(|| png::encode(&map, palette.as_deref()))))?;
    Ok(PyBytes::new(py, &encoded.map_err(|error| raised(py, &error, None))?))
}

/// Inflate the first member of a gzip file, or a zlib stream, to all bytes of an array; whether it holds as many,
/// and no more.
#[pyfunction]
#[pyo3(signature = (data, out, *, gzip))]
pub(super) fn inflate(
    py: Python<'_>,
    data: &[u8],
    mut out: PyReadwriteArray1<'_, u8>,
    gzip: bool,
) -> PyResult<bool> {
    let out = out.as_slice_mut()?;
    let wrapping = if gzip { Wrapping::Gzip } else { Wrapping::Zlib };
    guarded(|| Ok(py.detach(|| deflated::inflate(data, out, wrapping))))
}

fn at(py: Python<'_>, error: &Error, path: &Path) -> PyErr {
    raised(py, error, Some(&path.display().to_string()))
}
