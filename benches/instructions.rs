//! Works whose instructions `python benches/instructions.py` has valgrind count, each done once.
//!
//! Valgrind knows no AVX-512: where the processor has it, the best kernel under valgrind is that of AVX2.
//! A line of the output is a kernel and a work, in the order in which they are done.
#![allow(unsafe_code)]

mod made;

use std::hint::black_box;
use std::{env, fs, process};

use segscore::count::count_maps;
use segscore::cpu::Kernel;
use segscore::error::Error;
use segscore::logits::{Float, Logits, Rule, count_logits};
use segscore::masks::png::{Reader, Rules};
use segscore::parallel::batch::{Job, Options, count_files};
use segscore::pixels::Label;
use segscore::surfaces::Wanted;
use segscore::surfaces::bands::Bands;
use segscore::surfaces::rows::{Elements, Question, Scene, distance_rows};
use segscore::{Counter, LabelMap};

use made::{CLASSES, LARGE, Pair, SMALL, as_others_write, converted, noises, random, scenes};

const RULES: Rules = Rules { max_pixels: 1 << 28, colours: false };

/// Where valgrind ends one sum and begins another.
#[inline(never)]
fn border() {
    black_box(());
}

/// Do a work once to have the memory that is kept from one call to the next, and once between borders.
fn measure(kernel: Kernel, name: &str, mut work: impl FnMut()) {
    work();
    border();
    work();
    border();
    println!("{}: {name}", kernel.name());
}

fn main() {
    for kernel in Kernel::all() {
        count(kernel, "count 480x360, uint8", &scenes(SMALL, 4));
        count(kernel, "count 1920x1440, uint8", &scenes(LARGE, 1));
        count(kernel, "count 480x360, int64", &converted(&scenes(SMALL, 4), i64::from));
        count(kernel, "count 480x360, uint8, noise of 12 classes", &noises(12)[..2]);
        scores(kernel, "class scores 12 x 360 x 480, float32", Float::F32, f32::from);
        scores(kernel, "class scores 12 x 360 x 480, float16", Float::F16, |score| score);
        decode(kernel, "decode PNG, 480x360", &scenes(SMALL, 4));
        bands(kernel, "bands of width 12, 480x360", &scenes(SMALL, 4));
        distances(kernel, "distances, 480x360", &scenes(SMALL, 4));
    }
    folders(Kernel::best(), "PNG folders, 480x360", &scenes(SMALL, 8));
}

fn count<T: Label>(kernel: Kernel, name: &str, pairs: &[Pair<T>]) {
    let mut counter = Counter::with_kernel(kernel);
    measure(kernel, name, || {
        for pair in pairs {
            let target = LabelMap::from_labels(&pair.target, &pair.shape);
            let pred = LabelMap::from_labels(&pair.pred, &pair.shape);
            black_box(count_maps(&mut counter, &target, &pred, &mut || false).expect("labels"));
        }
    });
}

fn bands(kernel: Kernel, name: &str, pairs: &[Pair<u8>]) {
    measure(kernel, name, || {
        for pair in pairs {
            let target = LabelMap::from_labels(&pair.target, &pair.shape);
            let pred = LabelMap::from_labels(&pair.pred, &pair.shape);
            let mut bands = Bands::new(kernel, &target, &pred, &[12], &[]).expect("a width");
            bands.count(0..bands.rows(), &mut || false).expect("few pairs");
            black_box(bands.into_rows());
        }
    });
}

fn distances(kernel: Kernel, name: &str, pairs: &[Pair<u8>]) {
    measure(kernel, name, || {
        for pair in pairs {
            let target = LabelMap::from_labels(&pair.target, &pair.shape);
            let pred = LabelMap::from_labels(&pair.pred, &pair.shape);
            let question = Question {
                spacing: vec![1.0, 1.0],
                elements: Elements::Voxels,
                within: None,
                wanted: Wanted::default(),
                kinds: None,
            };
            let scene = Scene::new(kernel, &target, &pred, question).expect("maps of one shape");
            black_box(distance_rows(&scene, &mut || false).expect("few rows"));
        }
    });
}

/// Scores of all classes, of which that of the prediction is the highest, from bits that are no NaN in any type.
fn scores<T>(kernel: Kernel, name: &str, float: Float, score: impl Fn(u16) -> T) {
    let pair = &scenes(SMALL, 1)[0];
    let mut random = random(11);
    let mut bits = |high: bool| u16::try_from(random(1 << 12)).expect("12 bits") + (u16::from(high) << 12);
    let planes =
        (0..CLASSES).flat_map(|class| pair.pred.iter().map(move |&label| usize::from(label) == class));
    let scores: Vec<T> = planes.map(|high| score(bits(high))).collect();
    let [height, width] = pair.shape;
    let strides = [height * width, width, 1].map(|scores| (scores * size_of::<T>()).cast_signed());
    let shape = [CLASSES, height, width];
    // SAFETY: shape and strides are those of the vector, which lives longer.
    let logits = unsafe { Logits::new(scores.as_ptr().cast(), float, false, &shape, &strides, Some(0)) };
    let target = LabelMap::from_labels(&pair.target, &pair.shape);
    let mut counter = Counter::with_kernel(kernel);
    measure(kernel, name, || {
        let counts = count_logits(&mut counter, &target, &logits, Rule::Highest, &mut || false);
        black_box(counts.expect("scores"));
    });
}

fn decode(kernel: Kernel, name: &str, pairs: &[Pair<u8>]) {
    let files: Vec<_> = pairs.iter().map(|pair| as_others_write(&pair.target, pair.shape)).collect();
    let mut reader = Reader::with_kernel(kernel);
    measure(kernel, name, || {
        for file in &files {
            let mask = reader.read(file.as_slice(), file.len() as u64, RULES);
            let mut rows = mask.and_then(|mask| mask.scanlines(&mut || false)).expect("a mask");
            while rows.left() > 0 {
                let now = rows.left().min(32);
                rows.advance(now, &mut || false).expect("a mask");
                black_box(rows.band(now));
            }
        }
    });
}

fn folders(kernel: Kernel, name: &str, pairs: &[Pair<u8>]) {
    let folder = env::temp_dir().join(format!("segscore-instructions-{}", process::id()));
    fs::create_dir(&folder).expect("a folder of its own");
    let write = |name: String, labels: &[u8], shape| {
        let path = folder.join(name);
        fs::write(&path, as_others_write(labels, shape)).expect("room for a mask");
        path
    };
    let jobs = (0..).zip(pairs).map(|(i, pair)| Job {
        pred: write(format!("{i}-pred.png"), &pair.pred, pair.shape),
        target: write(format!("{i}-target.png"), &pair.target, pair.shape),
    });
    let jobs: Vec<Job> = jobs.collect();
    let options = Options { rules: RULES, resize: false, threads: 1, most_rows: usize::MAX };
    measure(kernel, name, || {
        let images = count_files(&jobs, options, |_| Ok::<(), Error>(())).expect("few rows");
        assert!(images.iter().all(Result::is_ok), "a mask that cannot be counted");
    });
    fs::remove_dir_all(&folder).expect("a folder that is there");
}
