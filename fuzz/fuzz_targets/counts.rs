//! Two maps of any type, shape and layout: pairs are counted as they are one by one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use segscore::count::{count_maps, count_resized};
use segscore::{Counter, Error, PairCounts, naive};
use segscore_fuzz::{Input, too_large};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let kernel = input.kernel();
    let dimensions = input.pick(&[2, 2, 2, 1, 3, 4, 0]);
    let shape = input.shape(dimensions, 1 << 12);
    let (target, of_target, target_type) = input.stored(&shape);
    let resized = dimensions == 2 && input.below(4) == 0;
    let pred_shape = if resized { input.shape(2, 1 << 12) } else { shape.clone() };
    let (pred, of_pred, pred_type) = input.stored(&pred_shape);
    let mut counter = Counter::with_kernel(kernel);
    let refused = too_large(&of_target, target_type) || too_large(&of_pred, pred_type);
    let check = |found: Result<PairCounts, Error>, expected: &dyn Fn() -> PairCounts| match found {
        Ok(found) => assert_eq!(found, expected()),
        Err(Error::LabelTooLarge { .. }) => assert!(refused),
        Err(Error::NotResizable { .. }) => assert!(pred_shape.contains(&0)),
        Err(error) => panic!("{error}"),
    };
    if resized {
        let nearest = |i: usize, n: usize, m: usize| (2 * i + 1) * m / (2 * n);
        let looked_up = || -> Vec<i64> {
            let at = |i: usize| {
                let (y, x) = (i / shape[1], i % shape[1]);
                of_pred[nearest(y, shape[0], pred_shape[0]) * pred_shape[1]
                    + nearest(x, shape[1], pred_shape[1])]
            };
            (0..of_target.len()).map(at).collect()
        };
        let found = count_resized(&mut counter, &target.map(), &pred.map(), &mut || false);
        check(found, &|| naive::count(&of_target, &looked_up()));
    } else {
        let found = count_maps(&mut counter, &target.map(), &pred.map(), &mut || false);
        assert!(found.is_err() || !refused);
        check(found, &|| naive::count(&of_target, &of_pred));
        // The same counter, after whatever was refused.
        let found = count_maps(&mut counter, &pred.map(), &target.map(), &mut || false);
        check(found, &|| naive::count(&of_pred, &of_target));
    }
});
