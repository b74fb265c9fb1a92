//! Rows in blocks: what does not change from row to row is counted once, with the number of its rows.
//!
//! For each block of 64 columns it is kept since which row its pairs stand. Where a bit of either map says
//! that they may change, the block that ends is put on a list, with the number of its rows. Then one plain
//! loop walks the list and writes the runs of each block, their lengths times its rows, and another one adds
//! those to the cells. A block lies in the row above the one in which it changes, whichever of its rows that
//! is.
//!
//! Noise has as many runs as pixels, and its rows are counted as lines.

use super::{ByteTable, CELLS, NOISE, Touched, add};
use crate::cpu::{Routine, SPILL, Vectors, WIDTH};
use crate::pixels::blocks::BlockRows;

/// Runs that are written before they are added.
const RUNS: usize = 4096;

/// Marks of 64 pixels from which they are noise.
const NOISY: usize = NOISE * WIDTH / super::BLOCK;

/// Memory that is kept.
#[derive(Default)]
pub(super) struct BlockRuns {
    /// For each column of blocks the row since which its pairs stand.
    since: Vec<u16>,
    ended: Vec<Ended>,
    /// Pairs as 256 * target + pred, and their pixels.
    pairs: Vec<u16>,
    pixels: Vec<u16>,
}

/// Where a block of both maps lies that ends, how many of its labels count, and of how many rows it was.
#[derive(Clone, Copy, Default)]
struct Ended {
    target: u32,
    pred: u32,
    len: u16,
    rows: u16,
}

impl ByteTable {
    /// Count rows of two maps.
    ///
    /// # Panics
    ///
    /// If their shapes differ, or they have more pixels than there is [`ByteTable::room`] for.
    pub(in crate::count) fn count_blocks(&mut self, target: &BlockRows<'_>, pred: &BlockRows<'_>) {
        let same = target.width() == pred.width() && target.height() == pred.height();
        let pixels = target.width() * target.height();
        assert!(same && pixels <= self.room(), "rows of one shape that fit the table");
        if target.all_change() && pred.all_change() && self.kernel.run(IsNoise { target, pred }) {
            for y in 0..target.height() {
                self.count(target.row(y).into(), pred.row(y).into());
            }
            return;
        }
        self.pixels += u32::try_from(pixels).expect("no more than the room");
        self.kernel.run(CountBlocks { table: self, target, pred });
    }
}

struct IsNoise<'a, 'b> {
    target: &'a BlockRows<'b>,
    pred: &'a BlockRows<'b>,
}

impl Routine for IsNoise<'_, '_> {
    type Output = bool;

    /// Noise is told by the first row.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "blocks fit 16 bits")]
    fn run<V: Vectors>(self, vectors: V) -> bool {
        let Self { target, pred } = self;
        let marks = |k: usize| {
            let [t, p] = [target, pred].map(|side| side.labels_at(side.starts()[1] + k as u32));
            // SAFETY: these are two blocks, and a label before each.
            unsafe { vectors.marks(t, p) }.count_ones()
        };
        (0..target.across()).map(marks).sum::<u32>() as usize >= NOISY * target.across()
    }
}

struct CountBlocks<'a, 'b> {
    table: &'a mut ByteTable,
    target: &'a BlockRows<'b>,
    pred: &'a BlockRows<'b>,
}

impl Routine for CountBlocks<'_, '_> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "rows and blocks fit 16 bits")]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { table, target, pred } = self;
        let (across, height, words) = (target.across(), target.height(), target.words());
        let BlockRuns { since, ended, pairs, pixels } = &mut table.blocks;
        since.clear();
        since.resize(across, 0);
        ended.clear();
        pairs.resize(RUNS + SPILL, 0);
        pixels.resize(RUNS + SPILL, 0);
        let tail = target.width() - (across - 1) * WIDTH;
        let mut end = |k: usize, y: usize| {
            let [target, pred] = [target, pred].map(|side| side.starts()[y] + k as u32);
            let len = if k + 1 == across { tail } else { WIDTH } as u16;
            ended.push(Ended { target, pred, len, rows: y as u16 - since[k] });
            since[k] = y as u16;
        };
        let mut columns = [0; SPILL];
        let rows = target.changed().chunks_exact(words).zip(pred.changed().chunks_exact(words));
        for (y, (t, p)) in rows.enumerate() {
            for (word, (t, p)) in t.iter().zip(p).enumerate() {
                if t | p == 0 {
                    continue;
                }
                // SAFETY: there is room for that many.
                let count = unsafe { vectors.positions(t | p, 64 * word as u16, columns.as_mut_ptr()) };
                for &k in &columns[..count] {
                    end(usize::from(k), y);
                }
            }
        }
        for k in 0..across {
            end(k, height);
        }

        let mut runs = 0;
        let (targets, preds) = (*target, *pred);
        // Taken once: what is written through them could be the vectors themselves, for all the compiler
        // knows.
        let (all_pairs, all_pixels) = (pairs.as_mut_ptr(), pixels.as_mut_ptr());
        for &Ended { target, pred, len, rows } in &*ended {
            let (t, p) = (targets.labels_at(target), preds.labels_at(pred));
            // SAFETY: these are two blocks, and a label before each; there is room for a block's runs.
            runs += unsafe {
                let (pairs, pixels) = (all_pairs.add(runs), all_pixels.add(runs));
                vectors.runs(t, p, usize::from(len), rows, pairs, pixels)
            };
            if runs > RUNS - WIDTH {
                add_runs(&mut table.cells, &mut table.touched, &pairs[..runs], &pixels[..runs]);
                runs = 0;
            }
        }
        add_runs(&mut table.cells, &mut table.touched, &pairs[..runs], &pixels[..runs]);
    }
}

#[inline(always)]
fn add_runs(cells: &mut [Box<[u32; CELLS]>; 2], touched: &mut Touched, pairs: &[u16], pixels: &[u16]) {
    let mut add = |table: usize, pair: u16, pixels: u16| {
        let [target, pred] = pair.to_be_bytes();
        add(&mut cells[table], touched, (target, pred), u32::from(pixels));
    };
    let (two, one) = pairs.as_chunks::<2>();
    let (pixels_two, pixels_one) = pixels.as_chunks::<2>();
    for (pairs, pixels) in two.iter().zip(pixels_two) {
        add(0, pairs[0], pixels[0]);
        add(1, pairs[1], pixels[1]);
    }
    for (&pair, &pixels) in one.iter().zip(pixels_one) {
        add(0, pair, pixels);
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "small numbers made here")]
mod tests {
    use super::*;
    use crate::naive;
    use crate::pairs::{PairCounts, Row};
    use crate::pixels::blocks::Block;

    /// Rows of a map as blocks, told with more changes than there are where `also` says so.
    struct Made {
        width: usize,
        rows: Vec<Vec<u8>>,
        blocks: Vec<Block>,
        starts: Vec<u32>,
        changed: Vec<u64>,
    }

    impl Made {
        fn new(rows: Vec<Vec<u8>>, mut also: impl FnMut() -> bool) -> Self {
            let width = rows[0].len();
            let words = width.div_ceil(WIDTH).div_ceil(64);
            // What is beyond the last label has no meaning.
            let block = |row: &[u8], k: usize| {
                Block(std::array::from_fn(|i| row.get(k * WIDTH + i).copied().unwrap_or(i as u8 * 3)))
            };
            let lay = |blocks: &mut Vec<Block>, row: &[u8]| {
                blocks.push(Block::of(77));
                let start = blocks.len() as u32;
                blocks.extend((0..width.div_ceil(WIDTH)).map(|k| block(row, k)));
                start
            };
            let (mut blocks, mut changed, mut above) = (Vec::new(), Vec::new(), vec![0; width]);
            let mut starts = vec![lay(&mut blocks, &above)];
            for row in &rows {
                let mut bits = vec![0; words];
                for (k, (labels, before)) in row.chunks(WIDTH).zip(above.chunks(WIDTH)).enumerate() {
                    if labels != before || also() {
                        bits[k / 64] |= 1 << (k % 64);
                    }
                }
                let repeats = bits.iter().all(|&word| word == 0);
                starts.push(if repeats { starts[starts.len() - 1] } else { lay(&mut blocks, row) });
                changed.extend(bits);
                above.clone_from(row);
            }
            Self { width, rows, blocks, starts, changed }
        }

        fn rows(&self) -> BlockRows<'_> {
            BlockRows::new(self.width, &self.blocks, &self.starts, &self.changed)
        }
    }

    /// Rows of segments of which some move from row to row.
    fn rows(
        width: usize,
        height: usize,
        labels: usize,
        moves: usize,
        random: &mut impl FnMut(usize) -> usize,
    ) -> Vec<Vec<u8>> {
        let mut row = vec![random(labels) as u8; width];
        (0..height)
            .map(|_| {
                for _ in 0..random(moves + 1) {
                    let (from, label) = (random(width), random(labels) as u8);
                    let to = width.min(from + 1 + random(90));
                    row[from..to].fill(label);
                }
                row.clone()
            })
            .collect()
    }

    #[track_caller]
    fn check(target: &Made, pred: &Made) {
        let wide = |made: &Made| made.rows.concat().into_iter().map(i64::from).collect::<Vec<_>>();
        let expected = naive::count(&wide(target), &wide(pred));
        for kernel in crate::cpu::tested() {
            let mut table = ByteTable::new(kernel);
            for _ in 0..2 {
                table.count_blocks(&target.rows(), &pred.rows());
                let drained = table.drain(|t, p, pixels| Row {
                    target: t.into(),
                    pred: p.into(),
                    pixels: pixels.into(),
                });
                let (height, width) = (target.rows.len(), target.width);
                assert_eq!(
                    PairCounts::from_rows(drained).unwrap(),
                    expected,
                    "{height} x {width}, {}",
                    kernel.name()
                );
            }
        }
    }

    #[test]
    fn every_width_and_any_changes() {
        let mut random = naive::noise(3);
        for width in (1..=140).chain([4095, 4096, 4097, 5000]) {
            for (height, labels, moves) in [(1, 256, 3), (9, 3, 2), (30, 12, 4), (5, 256, 60)] {
                let target = Made::new(rows(width, height, labels, moves, &mut random), || false);
                let mut other = naive::noise(width as u64);
                let pred = Made::new(rows(width, height, labels, moves, &mut random), || other(9) == 0);
                check(&target, &pred);
                check(&pred, &target);
            }
        }
    }

    #[test]
    fn the_most_rows_and_columns() {
        use crate::pixels::blocks::{HIGHEST, WIDEST};
        let still = |height, width| Made::new(vec![vec![255; width]; height], || false);
        let mut random = naive::noise(4);
        check(&still(HIGHEST, 64), &still(HIGHEST, 64));
        check(&still(HIGHEST, 70), &Made::new(rows(70, HIGHEST, 9, 1, &mut random), || false));
        check(&still(2, WIDEST), &Made::new(rows(WIDEST, 2, 9, 500, &mut random), || false));
    }

    #[test]
    fn noise_is_counted_as_noise() {
        let mut random = naive::noise(5);
        for labels in [12, 150] {
            let mut noise = || {
                Made::new((0..20).map(|_| (0..300).map(|_| random(labels) as u8).collect()).collect(), || {
                    false
                })
            };
            let (target, pred) = (noise(), noise());
            assert!(crate::cpu::Kernel::best().run(IsNoise { target: &target.rows(), pred: &pred.rows() }));
            check(&target, &pred);
        }
    }
}
