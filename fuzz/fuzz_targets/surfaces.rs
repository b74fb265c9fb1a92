//! Two maps of any type, shape and layout: distances between surfaces, and bands, are those found voxel by voxel.

#![no_main]

use libfuzzer_sys::fuzz_target;
use segscore::naive::surfaces;
use segscore::surfaces::Wanted;
use segscore::surfaces::bands::Bands;
use segscore::surfaces::rows::{Elements, Question, Scene, counted_rows, distance_rows};
use segscore::{Counter, Error, naive};
use segscore_fuzz::{Input, too_large};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let kernel = input.kernel();
    let dimensions = input.pick(&[2, 2, 3]);
    let shape = input.shape(dimensions, 96);
    let spacing: Vec<f64> = (0..dimensions)
        .map(|_| match input.below(8) {
            0..4 => 1.0,
            4..7 => f64::from(1 + u32::from(input.byte())) / 10.0,
            _ => f64::from_bits(input.word()),
        })
        .collect();
    let usual = spacing.iter().all(|step| (0.1..=25.6).contains(step));
    let elements = input.pick(&[Elements::Voxels, Elements::Corners]);
    let within = if input.below(4) == 0 { Some(f64::from(input.byte()) / 8.0) } else { None };
    let mut some = |most: usize| -> Vec<i64> {
        let len = input.below(most);
        (0..len).map(|_| i64::from(input.byte())).collect()
    };
    let wanted = Wanted { labels: Some(some(4)).filter(|labels| !labels.is_empty()), ignored: some(3) };
    let ignored = wanted.ignored.clone();
    let widths: Vec<usize> = some(5).into_iter().map(|width| width.unsigned_abs() as usize).collect();
    let (target, of_target, target_type) = input.stored(&shape);
    let (pred, of_pred, pred_type) = input.stored(&shape);
    let (target, pred) = (target.map(), pred.map());
    let refused = too_large(&of_target, target_type) || too_large(&of_pred, pred_type);

    let question = Question { spacing, elements, within, wanted, kinds: None };
    match Scene::new(kernel, &target, &pred, question.clone()) {
        Ok(scene) => match distance_rows(&scene, &mut || false) {
            Ok(found) if !refused => {
                let mut counter = Counter::with_kernel(kernel);
                let counted = counted_rows(&scene, Some(&mut counter), &mut || false);
                let (again, pairs) = counted.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(again, found);
                assert_eq!(pairs, naive::count(&of_target, &of_pred));
                // The naive way looks at all pairs of places for each label.
                if usual && found.len() < 200 {
                    assert_eq!(found, surfaces::rows(&of_target, &of_pred, &shape, &question));
                }
            }
            // A label that nobody wants may be any.
            Ok(_) => {}
            Err(error) => assert!(refused && matches!(error, Error::LabelTooLarge { .. }), "{error}"),
        },
        Err(error) => assert!(matches!(error, Error::Spacing { .. } | Error::Within { .. }), "{error}"),
    }

    if let [height, width] = shape[..] {
        match Bands::new(kernel, &target, &pred, &widths, &ignored) {
            Ok(mut bands) => match bands.count(0..bands.rows(), &mut || false) {
                Ok(()) => {
                    assert!(!refused);
                    let expected = surfaces::bands(&of_target, &of_pred, [height, width], &widths, &ignored);
                    assert_eq!(bands.into_rows(), expected);
                }
                Err(error) => assert!(refused && matches!(error, Error::LabelTooLarge { .. }), "{error}"),
            },
            Err(error) => assert!(matches!(error, Error::Widths { .. }), "{error}"),
        }
    }
});
