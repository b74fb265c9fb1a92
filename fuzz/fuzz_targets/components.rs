//! Two maps of any type, shape and layout: voxels are of the components that are walked to.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use segscore::components::segments::segments;
use segscore::components::{Neighbours, Question, components, overlaps};
use segscore::naive::components::{numbered, of_each_voxel};
use segscore_fuzz::{Input, too_large};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let kernel = input.kernel();
    let dimensions = input.pick(&[2, 3]);
    let connectivity = input.pick(if dimensions == 2 { &[4, 8] } else { &[6, 18, 26] });
    let background = input.pick(&[Some(0), Some(1), Some(-1), None]);
    let neighbours = Neighbours::new(connectivity, dimensions).expect("one of those that there are");
    let question = Question { neighbours, background };
    let shape = input.shape(dimensions, 256);
    let (target, of_target, target_type) = input.stored(&shape);
    let (pred, of_pred, pred_type) = input.stored(&shape);
    if too_large(&of_target, target_type) || too_large(&of_pred, pred_type) {
        return; // their labels are no numbers of 64 bits with a sign, by which the naive way goes
    }
    let sides = [(target.map(), &of_target), (pred.map(), &of_pred)].map(|(map, labels)| {
        let found = components(kernel, &map, question, &mut || false).expect("few voxels");
        let (numbers, count) = numbered(labels, &shape, connectivity, background);
        assert_eq!(found.count(), count);
        assert_eq!(of_each_voxel(&found, &shape), numbers);
        (numbers, count)
    });
    let mut shared = BTreeMap::new();
    for pair in sides[0].0.iter().zip(&sides[1].0) {
        *shared.entry(pair).or_insert(0) += 1;
    }
    let found = overlaps(kernel, &target.map(), &pred.map(), question, &mut || false).expect("few voxels");
    assert!(found.rows.iter().map(|row| ((&row.target, &row.pred), row.voxels)).eq(shared));
    for ((numbers, labels), found) in
        [(&sides[0].0, &of_target), (&sides[1].0, &of_pred)].into_iter().zip(found.labels)
    {
        assert!(
            numbers
                .iter()
                .zip(labels)
                .all(|(&number, &label)| number == 0 || found[number as usize - 1] == label)
        );
    }
    if connectivity == 8 && background.is_none() {
        let found = segments(kernel, &target.map(), &pred.map(), &[], &mut || false).expect("few pixels");
        let count: u64 = found.rows.iter().map(|row| row.count).sum();
        assert_eq!(count, (sides[0].1 + sides[1].1) as u64);
    }
});
