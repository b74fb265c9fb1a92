//! Arrays of labels: where each of them is written, and when none is.

use super::*;

/// The labels of all pixels, in C order, on one kernel.
pub(super) fn of(kernel: Kernel, logits: &Logits<'_>) -> Result<Vec<usize>, Error> {
    let pixels = logits.pixels().iter().product();
    if logits.channels() <= 256 {
        let mut labels = vec![255_u8; pixels];
        highest_with(kernel, logits, &mut labels, &mut never)?;
        Ok(labels.into_iter().map(usize::from).collect())
    } else {
        let mut labels = vec![65535_u16; pixels];
        highest_with(kernel, logits, &mut labels, &mut never)?;
        Ok(labels.into_iter().map(usize::from).collect())
    }
}

/// All indices of a shape, in C order.
fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |all, &len| {
        all.iter().flat_map(|index| (0..len).map(|i| [&index[..], &[i]].concat())).collect()
    })
}

#[test]
fn labels_are_in_c_order_whatever_the_strides_of_the_scores() {
    let mut random = noise(7);
    let scores: Vec<f32> = (0..5000).map(|_| f32::from(u16::try_from(random(9)).unwrap())).collect();
    for (shape, strides) in [
        (&[5, 20, 30][..], &[600, 30, 1][..]),
        (&[5, 20, 30], &[1, 5, 100]),
        (&[5, 20, 30], &[-600, 30, -1]),
        (&[5, 20, 30], &[600, -30, 1]),
        (&[20, 5, 30], &[30, 600, 1]),
        (&[5, 20, 30], &[7, 0, 20]),
        (&[5, 20, 30], &[600, 30, 0]),
        (&[5, 3, 40], &[1, 200, 5]),
        (&[5, 40, 3], &[120, 3, 1]),
        (&[2, 5, 3, 4, 6], &[360, 72, 24, 6, 1]),
        (&[2, 5, 3, 4, 6], &[-1, 2, 10, 30, -120]),
        (&[300, 3, 4], &[12, 4, 1]),
        (&[7], &[3]),
        (&[1, 1, 1], &[5, 5, 5]),
        (&[4, 0, 3], &[9, 9, 1]),
        (&[3, 2, 0], &[2, 1, 1]),
    ] {
        let steps = |index: &[usize]| -> isize {
            index.iter().zip(strides).map(|(&i, &stride)| i.cast_signed() * stride).sum()
        };
        let first = if strides.iter().any(|&stride| stride < 0) { 2500 } else { 0 };
        let bytes: Vec<isize> = strides.iter().map(|stride| stride * 4).collect();
        for axis in 0..shape.len() {
            if shape[axis] == 0 {
                continue;
            }
            let score = |pixel: &[usize], channel: usize| {
                let index = [&pixel[..axis], &[channel], &pixel[axis..]].concat();
                f64::from(scores[usize::try_from(first + steps(&index)).unwrap()])
            };
            let mut pixels = shape.to_vec();
            pixels.remove(axis);
            let expected: Vec<usize> = indices(&pixels)
                .iter()
                .map(|pixel| argmax(shape[axis], |channel| score(pixel, channel)))
                .collect();
            let base = scores.as_ptr().wrapping_offset(first).cast();
            // SAFETY: each index has just been read from the array, which is borrowed.
            let logits = unsafe { Logits::new(base, Float::F32, false, shape, &bytes, Some(axis)) };
            for kernel in Kernel::all() {
                assert_eq!(of(kernel, &logits).unwrap(), expected, "{shape:?} {strides:?} {axis}");
            }
        }
    }
}

#[test]
fn scores_without_a_label_are_refused_as_by_a_count() {
    let mut random = noise(8);
    for float in FLOATS {
        for (layout, swapped) in LAYOUTS.into_iter().flat_map(|layout| [(layout, false), (layout, true)]) {
            let (channels, pixels) = (1 + random(23), 1 + random(200));
            let place = (random(pixels), random(channels));
            let value = |pixel, channel| if (pixel, channel) == place { f64::NAN } else { 1.0 };
            let stored = Stored::new([channels, pixels], float, swapped, layout, value);
            for kernel in Kernel::all() {
                let counted = count(kernel, &vec![0; pixels], &stored.logits(), Rule::Highest).unwrap_err();
                let error = of(kernel, &stored.logits()).unwrap_err();
                assert!(matches!(error, Error::NotANumber { index: Some(_), .. }));
                assert_eq!(error.to_string(), counted.to_string());
            }
        }
    }
    for channels in [0, MAX_CHANNELS + 1] {
        let stored = Stored::new([channels, 1], Float::F16, false, Layout::Planes, |_, _| 0.0);
        let error = of(Kernel::best(), &stored.logits()).unwrap_err().to_string();
        assert_eq!(error, format!("`logits` has {channels} channels, expected 1 to 65536"));
    }
}

#[test]
fn the_last_channel_of_each_width_has_its_number() {
    for channels in [1, 256, 257, MAX_CHANNELS] {
        let last = |_: usize, channel: usize| f64::from(u8::from(channel == channels - 1));
        let stored = Stored::new([channels, 3], Float::F16, false, Layout::Planes, last);
        assert_eq!(of(Kernel::best(), &stored.logits()).unwrap(), [channels - 1; 3]);
    }
}

#[test]
fn labelling_is_stopped_when_asked_to() {
    let zero = [0.0_f32];
    // SAFETY: strides of zero reach the one score there is.
    let logits = unsafe {
        Logits::new(zero.as_ptr().cast(), Float::F32, false, &[512, 3 * PIECE / 512], &[0, 0], Some(0))
    };
    let mut labels = vec![7_u16; 3 * PIECE / 512];
    let mut looks = 0;
    let mut second = || {
        looks += 1;
        looks == 2
    };
    assert!(matches!(highest(&logits, &mut labels, &mut second), Err(Error::Cancelled)));
    assert_eq!(looks, 2);
    let done = labels.iter().take_while(|&&label| label == 0).count();
    assert_eq!((done, labels[done..].iter().all(|&label| label == 7)), (2 * PIECE / 512, true));
}

#[test]
#[should_panic(expected = "as many labels as pixels")]
fn room_for_fewer_labels_is_refused() {
    let stored = Stored::new([2, 5], Float::F32, false, Layout::Planes, |_, _| 0.0);
    let _ = highest(&stored.logits(), &mut [0_u8; 4], &mut never);
}

#[test]
#[should_panic(expected = "channels of words")]
fn room_for_wider_labels_is_refused() {
    let stored = Stored::new([256, 5], Float::F32, false, Layout::Planes, |_, _| 0.0);
    let _ = highest(&stored.logits(), &mut [0_u16; 5], &mut never);
}

#[test]
#[should_panic(expected = "channels of bytes")]
fn room_for_narrower_labels_is_refused() {
    let stored = Stored::new([257, 5], Float::F32, false, Layout::Planes, |_, _| 0.0);
    let _ = highest(&stored.logits(), &mut [0_u8; 5], &mut never);
}
