//! Counting with every kernel that this processor has, on several threads, and decoding, in pixels a second.
//!
//! `cargo bench` times them, `cargo bench -- --test` runs each once. A count is compared with a map that
//! is filled pixel by pixel, and a decoded mask with what was encoded, before anything is timed. An
//! `item` of the output is a pixel. Real masks are measured where their folder stands beside the project.

mod made;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::ItemsCount;
use segscore::count::count_maps;
use segscore::cpu::Kernel;
use segscore::error::Error;
use segscore::masks::png::{Labels, Reader, Rules};
use segscore::pairs::Row;
use segscore::parallel::pool;
use segscore::parallel::split::count_maps_split;
use segscore::pixels::Label;
use segscore::{Counter, LabelMap};

use made::{LARGE, Pair, SMALL, Size, as_others_write, converted, noises, scenes};

const RULES: Rules = Rules { max_pixels: 1 << 28, colours: false };

fn main() {
    for name in ["camvid", "camvid-1920"] {
        if real(name).is_none() {
            println!("not measured: {name}, which is not at {}", folder(name).display());
        }
    }
    divan::main();
}

// Counting

mod counting {
    use super::{Bencher, LARGE, SMALL, converted, decoded, kernels, kernels_if, noises, scenes, time};

    #[divan::bench(args = kernels())]
    fn runs_480x360(bencher: Bencher<'_, '_>, kernel: &str) {
        time(bencher, kernel, &scenes(SMALL, 16));
    }

    #[divan::bench(args = kernels())]
    fn runs_1920x1440(bencher: Bencher<'_, '_>, kernel: &str) {
        time(bencher, kernel, &scenes(LARGE, 2));
    }

    #[divan::bench(args = kernels())]
    fn noise_of_12_classes(bencher: Bencher<'_, '_>, kernel: &str) {
        time(bencher, kernel, &noises(12));
    }

    #[divan::bench(args = kernels())]
    fn noise_of_150_classes(bencher: Bencher<'_, '_>, kernel: &str) {
        time(bencher, kernel, &noises(150));
    }

    #[divan::bench(args = kernels())]
    fn labels_of_16_bits(bencher: Bencher<'_, '_>, kernel: &str) {
        // Labels up to 2^16 - 1, so that they do not fit a byte.
        time(bencher, kernel, &converted(&scenes(SMALL, 4), |label| u16::from(label) * 5957));
    }

    #[divan::bench(args = kernels())]
    fn labels_of_64_bits(bencher: Bencher<'_, '_>, kernel: &str) {
        time(bencher, kernel, &converted(&scenes(SMALL, 16), i64::from));
    }

    #[divan::bench(args = kernels_if("camvid"))]
    fn camvid_480x360(bencher: Bencher<'_, '_>, kernel: &str) {
        time(bencher, kernel, &decoded("camvid"));
    }

    #[divan::bench(args = kernels_if("camvid-1920"))]
    fn camvid_1920x1440(bencher: Bencher<'_, '_>, kernel: &str) {
        time(bencher, kernel, &decoded("camvid-1920"));
    }
}

fn kernels() -> Vec<&'static str> {
    Kernel::all().into_iter().map(Kernel::name).collect()
}

/// The kernels, or none where there are no real masks of this name.
fn kernels_if(name: &str) -> Vec<&'static str> {
    real(name).map_or_else(Vec::new, |_| kernels())
}

fn time<T: Label + Copy + Into<i64>>(bencher: Bencher<'_, '_>, kernel: &str, pairs: &[Pair<T>]) {
    let kernel = Kernel::all().into_iter().find(|known| known.name() == kernel);
    let mut counter = Counter::with_kernel(kernel.expect("a name of `kernels`"));
    let mut count = |pair: &Pair<T>| {
        let target = LabelMap::from_labels(&pair.target, &pair.shape);
        let pred = LabelMap::from_labels(&pair.pred, &pair.shape);
        count_maps(&mut counter, &target, &pred, &mut || false).expect("labels that can be counted")
    };
    for pair in pairs {
        assert_eq!(count(pair).rows(), count_naively(pair));
    }
    let pixels: usize = pairs.iter().map(|pair| pair.target.len()).sum();
    bencher.counter(ItemsCount::new(pixels)).bench_local(|| {
        for pair in pairs {
            divan::black_box(count(pair));
        }
    });
}

fn count_naively<T: Copy + Into<i64>>(pair: &Pair<T>) -> Vec<Row> {
    let mut cells = BTreeMap::new();
    for (&target, &pred) in pair.target.iter().zip(&pair.pred) {
        *cells.entry((target.into(), pred.into())).or_insert(0) += 1;
    }
    cells.into_iter().map(|((target, pred), pixels)| Row { target, pred, pixels }).collect()
}

// Threads

mod threads {
    use super::{Bencher, LARGE, SMALL, Size, pool, scenes, time_split};

    /// A mask from which several threads pay.
    const HUGE: Size = Size { shape: [12 * 1440, 1920], borders: 11 };

    /// What it costs a call to have threads.
    #[divan::bench(args = [1, 2, 8])]
    fn nothing_to_do(bencher: Bencher<'_, '_>, threads: usize) {
        bencher.bench_local(|| pool::run(threads, |_| (), || Ok::<(), ()>(())));
    }

    #[divan::bench(args = [1, 2])]
    fn runs_480x360(bencher: Bencher<'_, '_>, threads: usize) {
        time_split(bencher, threads, &scenes(SMALL, 1)[0]);
    }

    #[divan::bench(args = [1, 2])]
    fn runs_1920x1440(bencher: Bencher<'_, '_>, threads: usize) {
        time_split(bencher, threads, &scenes(LARGE, 1)[0]);
    }

    #[divan::bench(args = [1, 2])]
    fn runs_1920x17280(bencher: Bencher<'_, '_>, threads: usize) {
        time_split(bencher, threads, &scenes(HUGE, 1)[0]);
    }
}

fn time_split(bencher: Bencher<'_, '_>, threads: usize, pair: &Pair<u8>) {
    let target = LabelMap::from_labels(&pair.target, &pair.shape);
    let pred = LabelMap::from_labels(&pair.pred, &pair.shape);
    let count = || count_maps_split(&target, &pred, threads, || Ok::<(), Error>(())).expect("labels");
    assert_eq!(count().rows(), count_naively(pair));
    bencher.counter(ItemsCount::new(pair.target.len())).bench_local(count);
}

// Decoding

mod decoding {
    use super::{Bencher, Files, LARGE, SMALL, by_the_png_crate, encoded, real, scenes, time_decoding};

    #[divan::bench]
    fn runs_480x360(bencher: Bencher<'_, '_>) {
        time_decoding(bencher, &encoded(&scenes(SMALL, 8)));
    }

    #[divan::bench]
    fn runs_1920x1440(bencher: Bencher<'_, '_>) {
        time_decoding(bencher, &encoded(&scenes(LARGE, 1)));
    }

    #[divan::bench(args = real("camvid"))]
    fn camvid_480x360(bencher: Bencher<'_, '_>, files: &Files) {
        time_decoding(bencher, &by_the_png_crate(files));
    }

    #[divan::bench(args = real("camvid-1920"))]
    fn camvid_1920x1440(bencher: Bencher<'_, '_>, files: &Files) {
        time_decoding(bencher, &by_the_png_crate(files));
    }
}

/// A PNG in memory, and its labels.
struct Encoded {
    file: Vec<u8>,
    labels: Vec<u8>,
}

fn time_decoding(bencher: Bencher<'_, '_>, masks: &[Encoded]) {
    let mut reader = Reader::new();
    for mask in masks {
        let file = reader.read(mask.file.as_slice(), mask.file.len() as u64, RULES);
        let read = file.and_then(|file| file.decode(&mut || false)).expect("a mask that can be decoded");
        assert!(read.labels == Labels::Bytes(mask.labels.clone()), "labels that were not encoded");
    }
    let pixels: usize = masks.iter().map(|mask| mask.labels.len()).sum();
    // As masks are counted: band after band, in memory that the reader keeps.
    bencher.counter(ItemsCount::new(pixels)).bench_local(|| {
        for mask in masks {
            let file = reader.read(mask.file.as_slice(), mask.file.len() as u64, RULES);
            let mut rows = file.and_then(|file| file.scanlines(&mut || false)).expect("a mask");
            while rows.left() > 0 {
                let now = rows.left().min(32);
                rows.advance(now, &mut || false).expect("a mask");
                divan::black_box(rows.band(now));
            }
        }
    });
}

fn encoded(pairs: &[Pair<u8>]) -> Vec<Encoded> {
    let masks = pairs.iter().flat_map(|pair| [(pair.shape, &pair.target), (pair.shape, &pair.pred)]);
    let encoded =
        masks.map(|(shape, labels)| Encoded { file: as_others_write(labels, shape), labels: labels.clone() });
    encoded.collect()
}

/// Real masks of 8 bits, and what the decoder of the crate `png` says that they hold.
fn by_the_png_crate(files: &Files) -> Vec<Encoded> {
    let read = |path: &PathBuf| {
        let file = fs::read(path).expect("a file that can be read");
        let mut reader = png::Decoder::new(Cursor::new(&file)).read_info().expect("a PNG");
        let mut labels = vec![0; reader.output_buffer_size().expect("a mask that fits memory")];
        reader.next_frame(&mut labels).expect("a PNG");
        Encoded { file, labels }
    };
    files.pairs.iter().flatten().map(read).collect()
}

// Real masks

/// Files of targets and predictions.
struct Files {
    pairs: Vec<[PathBuf; 2]>,
}

impl std::fmt::Display for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pairs", self.pairs.len())
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name)
}

/// Some of the real masks of a folder, `None` where it is not there.
fn real(name: &str) -> Option<Files> {
    let folder = folder(name);
    let pred = ["pred-v2", "pred"].map(|name| folder.join(name)).into_iter().find(|pred| pred.is_dir())?;
    let targets = fs::read_dir(folder.join("target")).ok()?;
    let mut targets: Vec<PathBuf> = targets.filter_map(|entry| Some(entry.ok()?.path())).collect();
    targets.sort_unstable();
    let pair = |target: PathBuf| Some([pred.join(target.file_name()?), target]);
    Some(Files { pairs: targets.into_iter().step_by(13).filter_map(pair).collect() })
}

fn decoded(name: &str) -> Vec<Pair<u8>> {
    let files = real(name).expect("a folder that was there when the bench began");
    let read = |path: &Path| {
        let mut reader = Reader::new();
        let mask = reader.open(path, RULES).and_then(|file| file.decode(&mut || false));
        let mask = mask.expect("a mask that can be decoded");
        let Labels::Bytes(labels) = mask.labels else { panic!("expected labels of 8 bits") };
        ([mask.height, mask.width], labels)
    };
    let pair = |[pred, target]: &[PathBuf; 2]| {
        let ((shape, target), (_, pred)) = (read(target), read(pred));
        Pair { shape, target, pred }
    };
    files.pairs.iter().map(pair).collect()
}
