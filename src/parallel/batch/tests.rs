//! Pairs of files in a folder of their own are counted.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use png::{BitDepth, ColorType, Encoder, Filter};

use super::*;
use crate::count::count_maps;
use crate::masks::png::encode;
use crate::pairs::Row;
use crate::pixels::LabelMap;

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("segscore-batch-{}-{number}", process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn mask(&self, name: &str, labels: &[u8], shape: [usize; 2]) -> PathBuf {
        self.file(name, &encode(&LabelMap::from_labels(labels, &shape), None).unwrap())
    }

    /// A pair of masks of one size.
    fn pair(&self, name: &str, shape: [usize; 2]) -> Job {
        let labels = |times: usize| -> Vec<u8> {
            (0..shape[0] * shape[1]).map(|i| u8::try_from(i / 3 * times % 11).unwrap()).collect()
        };
        Job {
            pred: self.mask(&format!("{name}-pred.png"), &labels(5), shape),
            target: self.mask(&format!("{name}-target.png"), &labels(7), shape),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is left to the system.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn options(threads: usize) -> Options {
    Options {
        rules: Rules { max_pixels: 1 << 20, colours: false },
        resize: false,
        threads,
        most_rows: usize::MAX,
    }
}

fn count(jobs: &[Job], options: Options) -> Vec<Result<Image, Failure>> {
    count_files(jobs, options, |_| Ok::<(), Error>(())).unwrap()
}

/// What one pair comes to without threads or files that are shared.
fn count_alone(job: &Job) -> PairCounts {
    let read =
        |path: &Path| Reader::new().open(path, options(1).rules).unwrap().decode(&mut || false).unwrap();
    let (target, pred) = (read(&job.target), read(&job.pred));
    count_maps(&mut Counter::new(), &target.map(), &pred.map(), &mut || false).unwrap()
}

#[test]
fn any_number_of_threads_gives_the_same_rows_in_order() {
    let folder = Folder::new();
    let jobs: Vec<Job> = (0..40).map(|i| folder.pair(&i.to_string(), [1 + i % 7, 1 + i])).collect();
    let expected: Vec<PairCounts> = jobs.iter().map(count_alone).collect();
    for threads in [0, 1, 2, 3, 4, 100] {
        let images = count(&jobs, options(threads)).into_iter().map(|result| {
            let image = result.unwrap();
            assert_eq!(image.shapes[0], image.shapes[1]);
            image.pairs.unpacked()
        });
        assert_eq!(images.collect::<Vec<_>>(), expected, "{threads} threads");
    }
}

#[test]
fn rows_that_repeat_are_counted_as_often_as_they_are_there() {
    let folder = Folder::new();
    let filters = [Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth, Filter::Adaptive];
    // Several bands, one, and rows that fill whole blocks.
    for (number, [height, width]) in [[700, 70], [1100, 1], [30, 4500], [90, 512]].into_iter().enumerate() {
        let mask = |name: String, scale: usize, filter: Filter| {
            let mut bytes = Vec::new();
            let size = [width, height].map(|size| u32::try_from(size).unwrap());
            let mut encoder = Encoder::new(&mut bytes, size[0], size[1]);
            encoder.set_color(ColorType::Grayscale);
            encoder.set_filter(filter);
            let label = |i: usize| (i / width / scale * 7 + i % width / (3 * scale)) % 13;
            let labels: Vec<u8> = (0..height * width).map(|i| u8::try_from(label(i)).unwrap()).collect();
            encoder.write_header().unwrap().write_image_data(&labels).unwrap();
            folder.file(&name, &bytes)
        };
        for (k, filter) in filters.into_iter().enumerate() {
            let job = Job {
                pred: mask(format!("{number}-{k}-pred.png"), 9, filter),
                target: mask(format!("{number}-{k}-target.png"), 40, filters[(k + number) % filters.len()]),
            };
            let images = count(std::slice::from_ref(&job), options(1));
            assert_eq!(
                images[0].as_ref().unwrap().pairs.unpacked(),
                count_alone(&job),
                "{height} x {width}, {filter:?}"
            );
        }
    }
}

#[test]
fn no_pairs_are_no_results() {
    assert!(count(&[], options(4)).is_empty());
}

#[test]
fn images_come_as_long_as_there_is_room_for_their_rows() {
    let folder = Folder::new();
    let jobs: Vec<Job> = (0..30).map(|i| folder.pair(&i.to_string(), [3, 1 + i])).collect();
    let pairs: Vec<PairCounts> = jobs.iter().map(count_alone).collect();
    let rows = |images: usize| pairs[..images].iter().map(|pairs| pairs.rows().len()).sum::<usize>();
    for images in [0, 1, 7, 29, 30] {
        // As many rows as they have, and as many as leave no room for the next one.
        for most_rows in [rows(images), rows((images + 1).min(30)).max(1) - 1] {
            for threads in [1, 2, 8] {
                let found = count(&jobs, Options { most_rows, ..options(threads) });
                let found: Vec<_> = found.into_iter().map(|image| image.unwrap().pairs.unpacked()).collect();
                let expected = if most_rows < rows(images) { images - 1 } else { images };
                assert_eq!(found, pairs[..expected], "{most_rows} rows");
            }
        }
    }
}

#[test]
fn each_failure_sits_at_its_pair_and_the_others_are_counted() {
    let folder = Folder::new();
    let good = folder.pair("good", [4, 5]);
    let png = fs::read(&good.pred).unwrap();
    let mut wrong = png.clone();
    wrong[30] ^= 1;
    let mut large = png.clone();
    large[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    // The checksum of a header that claims 60000 x 60000 pixels of 8 bits.
    large[29..33].copy_from_slice(&[0xa5, 0xb9, 0x2a, 0x9e]);
    let mut rgb = Vec::new();
    let mut encoder = Encoder::new(&mut rgb, 1, 1);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Sixteen);
    encoder.write_header().unwrap().write_image_data(&[1, 2, 3, 4, 5, 6]).unwrap();
    let bad = [
        (folder.0.join("nowhere.png"), "cannot be read: "),
        (folder.0.clone(), "cannot be read: "),
        (folder.file("empty.png", b""), "expected a PNG, found an empty file"),
        (folder.file("photo.png", b"\xff\xd8\xff\xe0"), "expected a PNG, found a JPEG"),
        (folder.file("cut.png", &png[..50]), "the PNG is truncated: "),
        (folder.file("wrong.png", &wrong), "the PNG is damaged: the checksum of a chunk is wrong"),
        (folder.file("large.png", &large), "claims 60000 x 60000 pixels, more than max_pixels = 1048576"),
        (folder.file("rgb.png", &rgb), "expected a mask of labels (gray or palette), found RGB with 16 bits"),
    ];
    let mut jobs = vec![good.clone()];
    let mut expected = vec![None];
    for (path, text) in bad {
        jobs.push(Job { target: path.clone(), ..good.clone() });
        expected.push(Some((Some(Side::Target), text)));
        jobs.push(Job { pred: path, ..good.clone() });
        expected.push(Some((Some(Side::Pred), text)));
        jobs.push(good.clone());
        expected.push(None);
    }
    let counted = count_alone(&good);
    for threads in [1, 3] {
        let results = count(&jobs, options(threads));
        assert_eq!(results.len(), jobs.len());
        for ((result, expected), job) in results.into_iter().zip(&expected).zip(&jobs) {
            match (result, expected) {
                (Ok(image), None) => assert_eq!(image.pairs.unpacked(), counted),
                (Err(failure), Some((side, text))) => {
                    assert_eq!(failure.side, *side, "{job:?}");
                    assert!(failure.error.to_string().starts_with(text), "{}", failure.error);
                }
                (result, _) => panic!("{job:?}: {result:?}"),
            }
        }
    }
}

#[test]
fn sizes_that_differ_are_the_fault_of_both_unless_resizing_is_asked_for() {
    let folder = Folder::new();
    let jobs = [
        Job {
            pred: folder.mask("small.png", &[0, 1], [1, 2]),
            target: folder.mask("wide.png", &[5, 6, 7, 8], [1, 4]),
        },
        folder.pair("same", [3, 3]),
    ];
    let [Err(failure), Ok(same)] = <[_; 2]>::try_from(count(&jobs, options(2))).unwrap() else {
        panic!("one pair fails, the other does not");
    };
    assert_eq!(failure.side, None);
    assert_eq!(failure.error.to_string(), "`pred` and `target` differ in shape: (1, 2) and (1, 4)");
    assert_eq!(same.shapes[0], same.shapes[1]);
    let images = count(&jobs, Options { resize: true, ..options(2) });
    let [Ok(resized), Ok(unchanged)] = <[_; 2]>::try_from(images).unwrap() else {
        panic!("both can be counted")
    };
    assert_eq!((resized.shapes, unchanged.shapes), ([[1, 2], [1, 4]], same.shapes));
    let row = |(target, pred)| Row { target, pred, pixels: 1 };
    assert_eq!(resized.pairs.unpacked().rows(), [(5, 0), (6, 0), (7, 1), (8, 1)].map(row));
    assert_eq!(unchanged.pairs, same.pairs);
}

#[test]
fn tick_sees_the_pairs_that_are_done_and_its_error_ends_the_call() {
    let folder = Folder::new();
    // So many that no machine is through before the third tick.
    let jobs = vec![folder.pair("again", [16, 16]); 100_000];
    let mut seen = Vec::new();
    let begin = Instant::now();
    let outcome = count_files(&jobs, options(2), |done| {
        seen.push(done);
        // On a busy machine nothing may be done at the third one.
        if seen.len() < 3 || done == 0 { Ok(()) } else { Err(Error::Cancelled) }
    });
    assert!(matches!(outcome, Err(Error::Cancelled)));
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert!(seen.is_sorted() && seen[seen.len() - 1] < jobs.len(), "{seen:?}");
}

#[test]
fn pairs_that_each_exceed_the_budget_are_counted_one_by_one() {
    let folder = Folder::new();
    let job = folder.pair("large", [20, 30]);
    let expected = count_alone(&job);
    for bytes in [0, 1, 20 * 30, 3 * 20 * 30] {
        let budget = Budget::new(bytes);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut worker = Worker::default();
                    for _ in 0..5 {
                        let image = count_pair(&job, options(1), &mut worker, &budget, &mut || false);
                        assert_eq!(image.unwrap().pairs.unpacked(), expected);
                    }
                });
            }
        });
    }
}

#[test]
fn a_failure_gives_its_share_of_the_budget_back() {
    let folder = Folder::new();
    let job = folder.pair("cut", [20, 30]);
    let whole = fs::read(&job.pred).unwrap();
    fs::write(&job.pred, &whole[..whole.len() - 20]).unwrap();
    let (budget, mut worker) = (Budget::new(1), Worker::default());
    for _ in 0..3 {
        let failure = count_pair(&job, options(1), &mut worker, &budget, &mut || false).unwrap_err();
        assert!(matches!(failure.error, Error::Truncated { .. } | Error::Damaged(_)));
    }
    fs::write(&job.pred, whole).unwrap();
    let image = count_pair(&job, options(1), &mut worker, &budget, &mut || false).unwrap();
    assert_eq!(image.pairs.unpacked(), count_alone(&job));
}

#[test]
fn a_pair_that_waits_for_memory_can_be_stopped() {
    let folder = Folder::new();
    let job = folder.pair("waiting", [2, 2]);
    let budget = Budget::new(1);
    let all = budget.take(1, &mut || false);
    let failure = count_pair(&job, options(1), &mut Worker::default(), &budget, &mut || true).unwrap_err();
    assert!(matches!(failure, Failure { side: None, error: Error::Cancelled }));
    drop(all);
}

#[test]
fn files_in_memory_come_to_what_they_come_to_on_a_disk() {
    let folder = Folder::new();
    let mut jobs = vec![folder.pair("a", [30, 40]), folder.pair("b", [7, 500]), folder.pair("c", [1, 1])];
    jobs.push(Job { pred: jobs[0].pred.clone(), target: jobs[1].target.clone() });
    jobs.push(Job { pred: folder.file("broken.png", b"no mask"), target: jobs[0].target.clone() });
    jobs.push(Job { pred: jobs[0].pred.clone(), target: folder.file("empty.png", b"") });
    let mut worker = Worker::default();
    for resize in [false, true] {
        let options = Options { resize, ..options(1) };
        for (job, expected) in jobs.iter().zip(count(&jobs, options)) {
            let [pred, target] = [&job.pred, &job.target].map(|path| fs::read(path).unwrap());
            let found = worker.count_contents(&pred, &target, options.rules, resize, &mut || false);
            match (found, expected) {
                (Ok(found), Ok(expected)) => {
                    assert_eq!(found.pairs, expected.pairs);
                    assert_eq!(found.shapes, expected.shapes);
                }
                (Err(found), Err(expected)) => {
                    assert_eq!(found.side, expected.side);
                    assert_eq!(found.error.to_string(), expected.error.to_string());
                }
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
    }
}
