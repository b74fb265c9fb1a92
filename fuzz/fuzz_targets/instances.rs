//! Masks of any run lengths, strings, polygons and labels: read as the pixels that they say, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use segscore::LabelMap;
use segscore::instances::{Masks, Size};
use segscore::naive::instances::walked;
use segscore_fuzz::Input;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let [height, width] = [input.below(40), input.below(40)].map(|len| u32::try_from(len).expect("small"));
    let size = Size::new(height, width, 1 << 20).expect("few pixels");
    let pixels = size.pixels() as usize;
    let mut masks = Masks::new(size);
    for _ in 0..input.below(6) {
        let before = masks.len();
        let expected = match input.below(4) {
            0 => {
                let text = input.bytes().to_vec();
                let _ = masks.push_string(&text);
                None
            }
            1 => {
                let len = input.below(40);
                let counts = input.labels(len);
                let right = counts
                    .iter()
                    .try_fold(0_i64, |sum, &count| (0..=pixels as i64).contains(&count).then(|| sum + count));
                let pushed = masks.push_counts(counts.iter().copied());
                assert_eq!(pushed.is_ok(), right == Some(pixels as i64));
                let said = counts.iter().enumerate();
                pushed.ok().map(|()| said.flat_map(|(i, &n)| vec![i % 2 == 1; n as usize]).collect())
            }
            2 => {
                let points = input.below(12);
                let wild = input.below(8) == 0;
                let polygon: Vec<f64> = (0..2 * points)
                    .map(|_| match wild {
                        true => f64::from_bits(input.word()),
                        false => f64::from(input.byte().cast_signed()) / 2.0,
                    })
                    .collect();
                let pushed = masks.push_polygons(&[&polygon]);
                assert!(wild || pushed.is_ok() == (points >= 3));
                // The walk goes along each fifth of a pixel.
                let near = polygon.iter().all(|place| place.abs() < 1e3);
                (pushed.is_ok() && near).then(|| walked(&polygon, size))
            }
            _ => {
                let labels: Vec<i64> = (0..pixels).map(|_| i64::from(input.byte() & 3)).collect();
                let map = LabelMap::from_labels(&labels, &[height as usize, width as usize]);
                masks.push_labels(&map, &[2], &mut || false).expect("few runs");
                let [height, width] = [height as usize, width as usize];
                Some((0..pixels).map(|at| labels[at % height * width + at / height] == 2).collect())
            }
        };
        if masks.len() > before {
            let found = painted(&masks, before);
            assert!(expected.is_none_or(|expected: Vec<bool>| expected == found));
        }
    }
    let mut again = Masks::new(size);
    for mask in 0..masks.len() {
        again.push_string(&masks.string(mask)).expect("what was written is read");
        assert_eq!(again.runs(mask), masks.runs(mask));
        let one = painted(&masks, mask);
        assert_eq!(masks.pixels(mask) as usize, one.iter().filter(|&&pixel| pixel).count());
        for other in 0..=mask {
            let both = one.iter().zip(painted(&masks, other)).filter(|&(&one, other)| one && other);
            assert_eq!(masks.shared(mask, &again, other) as usize, both.count());
        }
    }
});

/// The pixels of a mask by columns.
fn painted(masks: &Masks, mask: usize) -> Vec<bool> {
    let mut pixels = vec![false; masks.size().pixels() as usize];
    masks.fill(mask, true, &mut pixels);
    pixels
}
