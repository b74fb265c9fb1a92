use super::*;
use crate::error::Side;

fn values(map: &LabelMap<'_>) -> Vec<i64> {
    let mut all = Vec::new();
    for_each_line(map, map, &mut |line, _| {
        let mut out = vec![0; line.len()];
        line.widen(Side::Target, &mut out)?;
        all.extend(out);
        Ok(())
    })
    .unwrap();
    all.sort_unstable();
    all
}

/// Offset of the first label, shape and strides, in labels.
type Layout = (isize, Vec<usize>, Vec<isize>);

fn layouts() -> Vec<Layout> {
    vec![
        (0, vec![], vec![]),
        (0, vec![60], vec![1]),
        (59, vec![60], vec![-1]),
        (0, vec![4, 15], vec![15, 1]),
        (0, vec![15, 4], vec![1, 15]),
        (0, vec![4, 15], vec![0, 2]),
        (45, vec![4, 15], vec![-15, 1]),
        (14, vec![4, 15], vec![15, -1]),
        (0, vec![3, 4, 5], vec![20, 5, 1]),
        (3, vec![3, 2, 5], vec![20, 10, 1]),
        (0, vec![5, 3, 1, 4], vec![1, 20, 7, 5]),
        (0, vec![2, 0, 3], vec![1, 1, 1]),
        (0, vec![30, 2], vec![2, 1]),
        (0, vec![20, 2], vec![3, 1]),
    ]
}

fn reached((start, shape, strides): &Layout) -> Vec<isize> {
    let mut offsets = vec![*start];
    for (&len, &stride) in shape.iter().zip(strides) {
        offsets = offsets
            .iter()
            .flat_map(|&offset| (0..len.cast_signed()).map(move |i| offset + i * stride))
            .collect();
    }
    offsets
}

#[test]
#[should_panic(expected = "as many labels as pixels")]
fn a_shape_whose_product_wraps_is_refused() {
    let _ = LabelMap::from_labels(&[0_u8; 0], &[1 << 32, 1 << 32]);
}

#[test]
fn lines_hold_every_pixel_once_whatever_the_strides() {
    let labels: Vec<u16> = (0..60).map(|i| i * 1000).collect();
    for layout in layouts() {
        let mut expected: Vec<i64> =
            reached(&layout).iter().map(|&at| i64::from(labels[usize::try_from(at).unwrap()])).collect();
        expected.sort_unstable();
        let (start, shape, strides) = layout;
        let strides: Vec<isize> = strides.iter().map(|stride| stride * 2).collect();
        let base = labels.as_ptr().wrapping_offset(start).cast();
        // SAFETY: each layout reaches only labels 0 to 59, as `reached` has just indexed them.
        let map = unsafe { LabelMap::new(base, Dtype::U16, false, &shape, &strides) };
        assert_eq!(values(&map), expected, "{shape:?} {strides:?}");
    }
}

#[test]
fn pixels_of_two_maps_stay_together() {
    let target: Vec<i64> = (0..60).collect();
    for (shape, strides) in [(vec![60], vec![1]), (vec![4, 15], vec![15, 1]), (vec![4, 15], vec![1, 4])] {
        let strides: Vec<isize> = strides.iter().map(|s| s * 8).collect();
        // SAFETY: all three reach labels 0 to 59; the second map runs backwards from the last.
        let (t, p) = unsafe {
            (
                LabelMap::new(target.as_ptr().cast(), Dtype::I64, false, &shape, &strides),
                LabelMap::new(
                    (&raw const target[59]).cast(),
                    Dtype::I64,
                    false,
                    &shape,
                    &strides.iter().map(|s| -s).collect::<Vec<_>>(),
                ),
            )
        };
        let mut seen = 0;
        for_each_line(&t, &p, &mut |t, p| {
            let (mut ts, mut ps) = (vec![0; t.len()], vec![0; p.len()]);
            t.widen(Side::Target, &mut ts)?;
            p.widen(Side::Pred, &mut ps)?;
            for (t, p) in ts.iter().zip(&ps) {
                assert_eq!(t + p, 59);
                seen += 1;
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, 60);
    }
}

#[test]
fn every_type_is_read_in_both_byte_orders_and_unaligned() {
    fn check<T: Label + Into<i128>>(labels: &[T]) {
        let bytes = size_of_val(labels);
        let mut store = vec![0_u8; bytes + 1];
        for swapped in [false, true] {
            for (i, label) in labels.iter().enumerate() {
                let label = if swapped { label.swapped() } else { *label };
                // SAFETY: the store has one byte more than the labels, and writing is unaligned.
                unsafe {
                    store.as_mut_ptr().add(1 + i * size_of::<T>()).cast::<T>().write_unaligned(label);
                };
            }
            let (base, stride) = (store.as_ptr().wrapping_add(1), size_of::<T>().cast_signed());
            // SAFETY: all labels lie inside the store.
            let map = unsafe { LabelMap::new(base, T::DTYPE, swapped, &[1, labels.len()], &[0, stride]) };
            let mut out = vec![0; labels.len()];
            map.row(0).widen(Side::Pred, &mut out).unwrap();
            let expected: Vec<i128> = labels.iter().map(|&label| label.into()).collect();
            assert_eq!(out.iter().map(|&v| i128::from(v)).collect::<Vec<_>>(), expected);
        }
    }
    let truths = Line::from_labels(&[Truth(0), Truth(1), Truth(255)]);
    let mut out = [0; 3];
    truths.widen(Side::Pred, &mut out).unwrap();
    assert_eq!(out, [0, 1, 1]);
    check(&[0_u8, 1, 255]);
    check(&[i8::MIN, -1, i8::MAX]);
    check(&[0_u16, 258, u16::MAX]);
    check(&[i16::MIN, -100, 258]);
    check(&[0_u32, 70_000, u32::MAX]);
    check(&[i32::MIN, -1, 70_000]);
    check(&[0_u64, 1 << 40, i64::MAX.cast_unsigned()]);
    check(&[i64::MIN, -1, i64::MAX]);
}

#[test]
fn narrowing_says_when_a_label_does_not_fit() {
    let mut out = [0; 3];
    assert!(Line::from_labels(&[0_i64, 7, 255]).narrow(0, &mut out));
    assert_eq!(out, [0, 7, 255]);
    assert!(!Line::from_labels(&[0_i64, 7, 256]).narrow(0, &mut out));
    assert!(!Line::from_labels(&[0_i64, -1, 2]).narrow(0, &mut out));
    assert!(Line::from_labels(&[-128_i64, -1, 127]).narrow(-128, &mut out));
    assert_eq!(out, [0, 127, 255]);
    assert!(!Line::from_labels(&[-128_i64, -1, 128]).narrow(-128, &mut out));
}

#[test]
fn words_have_the_higher_byte_first_and_hold_16_bits() {
    let mut out = [[0; 2]; 3];
    assert!(Line::from_labels(&[0_i64, 258, 65_535]).narrow_to_words(&mut out));
    assert_eq!(out, [[0, 0], [1, 2], [255, 255]]);
    assert!(Line::from_labels(&[7_u8, 8, 9]).narrow_to_words(&mut out));
    assert_eq!(out, [[0, 7], [0, 8], [0, 9]]);
    assert!(!Line::from_labels(&[0_i64, 7, 65_536]).narrow_to_words(&mut out));
    assert!(!Line::from_labels(&[0_i8, -1, 2]).narrow_to_words(&mut out));
    assert!(!Line::from_labels(&[0, 1, u64::MAX]).narrow_to_words(&mut out));
}

#[test]
fn labels_of_64_bits_without_sign_are_refused_from_2_to_the_63() {
    let error = Line::from_labels(&[1_u64, 1 << 63]).widen(Side::Pred, &mut [0; 2]).unwrap_err();
    assert_eq!(error.to_string(), "`pred` holds the label 9223372036854775808, expected less than 2**63");
}
