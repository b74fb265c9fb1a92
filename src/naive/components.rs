//! Components that are found by walking from voxel to voxel.

use crate::components::Components;
use crate::pixels::c_order;

/// The number of the component of each voxel, and how many there are.
#[must_use]
pub fn numbered(
    labels: &[i64],
    shape: &[usize],
    connectivity: usize,
    background: Option<i64>,
) -> (Vec<u32>, usize) {
    // Steps to neighbours are along so many dimensions at most.
    let most = match connectivity {
        4 | 6 => 1,
        8 | 18 => 2,
        _ => 3,
    };
    let steps: Vec<Vec<isize>> = shape.iter().fold(vec![Vec::new()], |steps, _| {
        steps.iter().flat_map(|step| (-1..=1).map(|next| [step.as_slice(), &[next]].concat())).collect()
    });
    let place = |mut at: usize| -> Vec<isize> {
        let mut index = Vec::new();
        for &len in shape.iter().rev() {
            index.insert(0, (at % len).cast_signed());
            at /= len;
        }
        index
    };
    let (mut numbers, mut count) = (vec![0; labels.len()], 0);
    for first in 0..labels.len() {
        if numbers[first] > 0 || Some(labels[first]) == background {
            continue;
        }
        count += 1;
        numbers[first] = count;
        let mut found = vec![first];
        while let Some(at) = found.pop() {
            for step in steps.iter().filter(|step| step.iter().filter(|&&step| step != 0).count() <= most) {
                let next: Vec<isize> = place(at).iter().zip(step).map(|(at, step)| at + step).collect();
                if next.iter().zip(shape).any(|(&at, &len)| at < 0 || at.cast_unsigned() >= len) {
                    continue;
                }
                let next = next.iter().zip(shape).fold(0, |sum, (&at, &len)| sum * len + at.cast_unsigned());
                if numbers[next] == 0 && labels[next] == labels[at] {
                    numbers[next] = count;
                    found.push(next);
                }
            }
        }
    }
    (numbers, count as usize)
}

/// The numbers that were found, in the order of the dimensions of a map of this shape.
#[must_use]
pub fn of_each_voxel(found: &Components, shape: &[usize]) -> Vec<u32> {
    let lying: Vec<usize> = found.axes().iter().map(|&axis| shape[axis]).collect();
    let mut voxels = vec![0_u32; lying.iter().product()];
    found.write(&mut voxels, &mut || false).unwrap();
    let mut steps = vec![0; lying.len()];
    for (&axis, step) in found.axes().iter().zip(c_order(&lying, 1)) {
        steps[axis] = step.cast_unsigned();
    }
    let natural = c_order(shape, 1);
    let place = |at: usize| -> usize {
        let along = |axis: usize| at / natural[axis].cast_unsigned() % shape[axis] * steps[axis];
        (0..steps.len()).map(along).sum()
    };
    (0..voxels.len()).map(|at| voxels[place(at)]).collect()
}
