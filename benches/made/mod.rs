//! Masks that are made for the benches, equal ones in each run.

/// Height and width of masks.
pub type Shape = [usize; 2];

/// What made scenes are like.
#[derive(Clone, Copy)]
pub struct Size {
    pub shape: Shape,
    /// Borders between the segments of a row.
    pub borders: usize,
}

/// Borders of target and prediction together cut a row into runs of about 20 pixels.
pub const SMALL: Size = Size { shape: [360, 480], borders: 14 };

/// Here into runs of about 100, as in masks of high resolution.
pub const LARGE: Size = Size { shape: [1440, 1920], borders: 11 };

/// Rows in which the segments stay the same.
const BAND: usize = 60;

/// Classes of masks that look real.
pub const CLASSES: usize = 12;

/// Two masks of one shape.
pub struct Pair<T> {
    pub shape: Shape,
    pub target: Vec<T>,
    pub pred: Vec<T>,
}

/// Equal numbers for equal seeds, below a limit.
pub fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).expect("31 bits") % below
    }
}

fn byte(label: usize) -> u8 {
    u8::try_from(label).expect("a label below 256")
}

/// Pairs that look like street scenes to a counter: borders wander from row to row, those of the
/// prediction run beside those of the target, and one segment in eight is taken for another class.
pub fn scenes(size: Size, number: u64) -> Vec<Pair<u8>> {
    (0..number).map(|seed| scene(size, &mut random(seed + 1))).collect()
}

fn scene(size: Size, random: &mut impl FnMut(usize) -> usize) -> Pair<u8> {
    let shape @ [height, width] = size.shape;
    let mut pair = Pair { shape, target: Vec::new(), pred: Vec::new() };
    let (mut borders, mut labels) = (vec![], vec![]);
    for y in 0..height {
        if y % BAND == 0 {
            let segment = |_| {
                let label = byte(random(CLASSES));
                (label, if random(8) == 0 { byte(random(CLASSES)) } else { label })
            };
            labels = (0..=size.borders).map(segment).collect();
            borders = (0..size.borders).map(|_| [random(width); 2]).collect();
            borders.sort_unstable();
        }
        for [target, pred] in &mut borders {
            *target = (*target + random(3)).saturating_sub(1).min(width);
            let (low, high) = (target.saturating_sub(4), (*target + 4).min(width));
            *pred = (*pred + random(3)).saturating_sub(1).clamp(low, high);
        }
        let (targets, preds): (Vec<u8>, Vec<u8>) = labels.iter().copied().unzip();
        fill_row(&mut pair.target, width, &targets, borders.iter().map(|border| border[0]));
        fill_row(&mut pair.pred, width, &preds, borders.iter().map(|border| border[1]));
    }
    pair
}

fn fill_row(mask: &mut Vec<u8>, width: usize, labels: &[u8], borders: impl Iterator<Item = usize>) {
    let start = mask.len();
    for (&label, end) in labels.iter().zip(borders.chain([width])) {
        // Borders that wandered past each other leave nothing between them.
        mask.resize(mask.len().max(start + end), label);
    }
}

pub fn noises(classes: usize) -> Vec<Pair<u8>> {
    let mut random = random(7);
    let shape @ [height, width] = SMALL.shape;
    let mut noise = || (0..height * width).map(|_| byte(random(classes))).collect();
    (0..8).map(|_| Pair { shape, target: noise(), pred: noise() }).collect()
}

pub fn converted<T>(pairs: &[Pair<u8>], label: impl Fn(u8) -> T) -> Vec<Pair<T>> {
    let convert = |labels: &[u8]| labels.iter().copied().map(&label).collect();
    let pair = |pair: &Pair<u8>| Pair {
        shape: pair.shape,
        target: convert(&pair.target),
        pred: convert(&pair.pred),
    };
    pairs.iter().map(pair).collect()
}

/// A PNG whose rows have whichever filter is best, as most tools write it; `segscore` has one for all.
pub fn as_others_write(labels: &[u8], [height, width]: [usize; 2]) -> Vec<u8> {
    let [width, height] = [width, height].map(|side| u32::try_from(side).expect("a side of an image"));
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(labels));
    written.expect("a mask that can be encoded");
    file
}
