//! Files of COCO: what their tables are, on any number of threads, and what is told of those that are wrong.

use super::*;
use crate::instances::Size;
use crate::instances::coco::Width;

const OPTIONS: Options = Options { max_pixels: 1 << 20, area_from_mask: false, federated: false, band: None };

const TARGET: &str = r#"{"info": {"nested": [[[{}]]]}, "categories": [{"id": 7, "name": "b"}, {"id": 2, "name": "a"}],
  "annotations": [
    {"id": 0, "image_id": 9, "category_id": 7, "area": 3.5, "segmentation": {"size": [5, 10], "counts": "34[1"}},
    {"id": 5, "image_id": 4, "category_id": 2, "area": 4, "iscrowd": 1, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
    {"id": 3, "image_id": 9, "category_id": 2, "area": 1, "ignore": true, "segmentation": []},
    {"id": 8, "image_id": 9, "category_id": 2, "area": 9, "iscrowd": false,
     "segmentation": {"counts": [0, 5, 45], "size": [5, 10]}}],
  "images": [{"id": 9, "height": 5, "width": 10, "file_name": "n\u00e4.png"}, {"id": 4, "height": 3, "width": 2},
             {"id": 6, "height": 1, "width": 1, "file_name": "c.png"}]}"#;

const PRED: &str = r#"[{"image_id": 9, "category_id": 2, "score": 0.5, "segmentation": {"size": [5, 10], "counts": "55X1"}},
  {"image_id": 4, "category_id": 2, "score": 1e-3, "segmentation": {"size": [3, 2], "counts": "06"}}]"#;

fn read<'a>(target: &'a str, pred: &'a str, options: Options, threads: usize) -> Tabled<'a> {
    let texts = [target.as_bytes(), pred.as_bytes()];
    tables(texts, options, threads, || Ok::<(), ()>(())).unwrap().unwrap()
}

fn told(target: &str, pred: &str) -> Vec<String> {
    let told = read(target, pred, OPTIONS, 2).findings;
    told.into_iter()
        .map(|one| format!("{:?} {}[{}]: {}", one.side, one.list, one.index, one.message))
        .collect()
}

#[test]
fn tables_are_what_files_say() {
    for threads in [1, 2, 5] {
        let Tabled { dataset, rows, findings } = read(TARGET, PRED, OPTIONS, threads);
        assert_eq!(findings, []);
        let images: Vec<_> =
            dataset.images.iter().map(|image| (image.id, image.file_name.as_deref())).collect();
        assert_eq!(images, [(4, None), (6, Some("c.png")), (9, Some("nä.png"))]);
        assert_eq!(
            dataset.categories.iter().map(|class| (class.id, &*class.name)).collect::<Vec<_>>(),
            [(2, "a"), (7, "b")]
        );
        let float = |number: f64| number.to_bits().cast_signed();
        let by_row: Vec<Vec<i64>> =
            (0..6).map(|row| rows.objects.iter().map(|column| column[row]).collect()).collect();
        assert_eq!(
            by_row,
            [
                [0, 5, 0, 4, float(4.0), 0, 1, 0, 1],
                [1, 1, 0, 6, float(6.0), float(1e-3), 0, 0, 1],
                [0, 0, 1, 4, float(3.5), 0, 0, 0, 0],
                [0, 3, 0, 0, float(1.0), 0, 6, 0, 2],
                [0, 8, 0, 5, float(9.0), 0, 0, 0, 3],
                [1, 0, 0, 5, float(5.0), float(0.5), 0, 0, 0],
            ]
        );
        assert_eq!(rows.object_ends, [2, 2, 6]);
        assert_eq!(rows.overlaps, [vec![0, 0], vec![0, 0], vec![4, 2]]);
        assert_eq!(rows.overlap_ends, [1, 1, 2]);
    }
    let rows = read(TARGET, PRED, Options { band: Some(Width::Pixels(1)), ..OPTIONS }, 2).rows;
    assert_eq!(rows.bands, [vec![4, 6, 4, 0, 5, 5], vec![4, 2]]);
    let rows = read(TARGET, PRED, Options { area_from_mask: true, ..OPTIONS }, 1).rows;
    assert_eq!(rows.objects[4][2], 4.0_f64.to_bits().cast_signed());
}

#[test]
fn masks_of_images_are_those_that_files_hold() {
    let texts = [TARGET.as_bytes(), PRED.as_bytes()];
    let ok = || Ok::<(), ()>(());
    for threads in [1, 3] {
        let Pictured { images, masks: found } =
            masks(texts, &[2, 0, 1], OPTIONS, threads, ok).unwrap().unwrap();
        assert_eq!(images, [(4, String::new()), (6, "c.png".into()), (9, "nä.png".into())]);
        let pixels: Vec<[Vec<u32>; 2]> = found
            .iter()
            .map(|both| {
                std::array::from_fn(|side| {
                    (0..both[side].len()).map(|mask| both[side].pixels(mask)).collect()
                })
            })
            .collect();
        assert_eq!(pixels, [[vec![4, 0, 5], vec![5]], [vec![4], vec![6]], [vec![], vec![]]]);
        assert_eq!(found[0][0].size(), Size::new(5, 10, 100).unwrap());
    }
    let missing = masks(texts, &[3], OPTIONS, 1, ok).unwrap();
    assert!(matches!(missing, Err(Error::BadRows("there is no such image"))));
    let broken = TARGET.replace("34[1", "9");
    let found = masks([broken.as_bytes(), PRED.as_bytes()], &[2], OPTIONS, 1, ok).unwrap().unwrap().masks;
    assert_eq!((0..3).map(|mask| found[0][0].pixels(mask)).collect::<Vec<_>>(), [0, 0, 5]);
}

#[test]
fn all_that_is_wrong_is_told_by_its_place() {
    let target = r#"{"images": [{"id": 1, "height": 2, "width": 2}, {"id": 1, "height": 2, "width": 2},
        {"id": 2, "height": 2000, "width": 2000}, {"id": "x", "height": 1, "width": 1}],
      "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}],
      "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "area": 1, "segmentation": [[0, 0, 1, 1]]},
        {"id": 1, "image_id": 3, "category_id": 5, "area": 1},
        {"image_id": 1, "category_id": 1, "segmentation": {"size": [2, 2], "counts": [5]}}, 7]}"#;
    let pred = r#"[{"image_id": 1, "category_id": 1}, {"image_id": 1, "category_id": 1, "score": 1, "segmentation": 3}]"#;
    assert_eq!(
        told(target, pred),
        [
            "Target annotations[0]: expected polygons of three points or more, found 4 numbers",
            "Target annotations[1]: expected a `category_id` of `categories`, found 5",
            "Target annotations[1]: expected ids that differ, found 1 twice",
            "Target annotations[2]: expected an `area`, found none",
            "Target annotations[2]: expected an `id`, found none",
            "Target annotations[2]: expected run lengths that add up to 2 x 2 = 4 pixels, found 5",
            "Target annotations[3]: expected an object, found 7",
            "Target categories[1]: expected ids that differ, found 1 twice",
            "Target images[1]: expected ids that differ, found 1 twice",
            "Target images[2]: claims 2000 x 2000 pixels, more than max_pixels = 1048576",
            "Target images[3]: expected a whole number below 2**63 as `id`, found \"x\"",
            "Pred results[0]: expected a `score`, found none",
            "Pred results[1]: expected polygons or run lengths, found 3",
        ]
    );
}

#[test]
fn files_of_another_structure_are_refused() {
    let deep = format!("{}{}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    for (target, pred, expected) in [
        ("", PRED, "Target [0]: expected JSON, found an empty file"),
        (
            "[]",
            PRED,
            "Target [0]: expected an object with lists of `images`, `annotations` and `categories`, found a list",
        ),
        (TARGET, " {}", "Pred [0]: expected a list of results, found an object"),
        (TARGET, "[NaN]", "Pred [0]: expected JSON, found \"NaN]\" at line 1, column 2"),
        (TARGET, "[] []", "Pred [0]: expected JSON, found \"[]\" at line 1, column 4"),
        (TARGET, "[\n {\"a\": 1,\n]", "Pred [0]: expected JSON, found \"]\" at line 3, column 1"),
        (TARGET, "[{\"a\n\": 1}]", "Pred [0]: expected JSON, found \"a\\n\\\": 1}]\" at line 1, column 4"),
        (
            TARGET,
            "[{\n",
            "Pred [0]: expected JSON up to its end, found the end of the file at line 2, column 0",
        ),
        (
            &deep,
            "[]",
            "Target [0]: expected an object with lists of `images`, `annotations` and `categories`, found a list",
        ),
    ] {
        assert!(told(target, pred).contains(&expected.to_owned()), "{:?}", told(target, pred));
    }
    assert_eq!(
        told("{\"images\": [], \"annotations\": []}", "[]"),
        ["Target [0]: expected a list of `categories`, found none"]
    );
    let shown = "[".repeat(40);
    assert_eq!(told(TARGET, &deep), [format!("Pred results[0]: expected an object, found {shown}...")]);
    assert_eq!(
        told(r#"{"images": {}, "annotations": "x", "images": 7, "info": 1}"#, "[]"),
        [
            "Target [0]: expected a list of `annotations`, found a text",
            "Target [0]: expected a list of `categories`, found none",
            "Target [0]: expected a list of `images`, found a number",
        ]
    );
}

#[test]
fn every_field_that_is_wrong_is_told() {
    let target = r#"{"images": [{"height": -1, "width": 4294967296, "file_name": 3, "neg_category_ids": [1.5]}],
      "categories": [{"id": 99999999999999999999, "frequency": 1}, {"id": 2, "id": 3, "name": "\ud800"}],
      "annotations": [{"id": "x", "iscrowd": 2, "image_id": null, "category_id": 1.5, "ignore": "0", "area": 1e999},
        {"id": -1, "image_id": 1, "category_id": 1, "iscrowd": true, "ignore": 1.0, "area": 1, "segmentation": []},
        {"id": 0, "image_id": 1, "category_id": 1, "iscrowd": null, "ignore": false, "area": 1}]}"#;
    let whole = "expected a whole number below 2**63";
    assert_eq!(
        told(target, r#"[{"image_id": 1, "category_id": 1, "score": "0.5"}]"#),
        [
            "Target annotations[0]: expected 0 or 1 as `ignore`, found \"0\"".to_owned(),
            "Target annotations[0]: expected 0 or 1 as `iscrowd`, found 2".to_owned(),
            "Target annotations[0]: expected a number as `area`, found 1e999".to_owned(),
            format!("Target annotations[0]: {whole} as `category_id`, found 1.5"),
            format!("Target annotations[0]: {whole} as `id`, found \"x\""),
            format!("Target annotations[0]: {whole} as `image_id`, found none"),
            "Target annotations[1]: expected an `id` of 0 or more, found -1".to_owned(),
            "Target categories[0]: expected a text as `frequency`, found 1".to_owned(),
            "Target categories[0]: expected a text as `name`, found none".to_owned(),
            format!("Target categories[0]: {whole} as `id`, found 99999999999999999999"),
            "Target categories[1]: expected `id` once, found it again".to_owned(),
            "Target categories[1]: expected a text as `name`, found \"\\ud800\"".to_owned(),
            "Target images[0]: expected a list of whole numbers as `neg_category_ids`, found [1.5]"
                .to_owned(),
            "Target images[0]: expected a text as `file_name`, found 3".to_owned(),
            format!("Target images[0]: {whole} as `id`, found none"),
            "Target images[0]: expected a whole number of 0 to 2**32 - 1 as `height`, found -1".to_owned(),
            "Target images[0]: expected a whole number of 0 to 2**32 - 1 as `width`, found 4294967296"
                .to_owned(),
            "Pred results[0]: expected a number as `score`, found \"0.5\"".to_owned(),
        ]
    );
}

#[test]
fn what_is_made_of_parts_is_in_their_order_and_ends_at_a_failure() {
    let ok = || Ok::<(), ()>(());
    for threads in [1, 3] {
        let made = in_parts(10, 3, threads, |part, _| Ok(part), ok).unwrap().unwrap();
        assert_eq!(made, [0..3, 3..6, 6..9, 9..10]);
        let none: Vec<Range<usize>> = in_parts(0, 3, threads, |part, _| Ok(part), ok).unwrap().unwrap();
        assert_eq!(none, []);
        let failed = in_parts(10, 1, threads, |_, _| Err::<(), _>(Error::Cancelled), ok).unwrap();
        assert!(matches!(failed, Err(Error::Cancelled)));
    }
    let stopped = in_parts(
        2,
        1,
        1,
        |_, stop| {
            while !stop() {
                std::thread::yield_now();
            }
            Err::<(), _>(Error::Cancelled)
        },
        || Err("a signal"),
    );
    assert_eq!(stopped.err(), Some("a signal"));
}

const FEDERATED: &str = r#"{"categories": [{"id": 7, "name": "b", "frequency": "c"}, {"id": 2, "name": "a", "frequency": "r"},
    {"id": 9, "name": "c", "frequency": "f"}],
  "annotations": [{"id": 1, "image_id": 4, "category_id": 7, "area": 1, "segmentation": [[0, 0, 1, 0, 1, 1, 0, 1]]},
    {"id": 3, "image_id": 4, "category_id": 9, "area": 0, "segmentation": []},
    {"id": 2, "image_id": 5, "category_id": 9, "area": 1, "ignore": 1, "segmentation": [[0, 0, 1, 0, 1, 1, 0, 1]]}],
  "images": [{"id": 4, "height": 3, "width": 2, "neg_category_ids": [2], "not_exhaustive_category_ids": [7]},
    {"id": 5, "height": 3, "width": 2, "neg_category_ids": [], "not_exhaustive_category_ids": [2]}]}"#;

#[test]
fn flags_say_which_classes_were_looked_for_and_how_frequent_they_are() {
    let pred: Vec<String> = [4, 5]
        .into_iter()
        .flat_map(|image| [2, 7, 9].map(|class| (image, class)))
        .map(|(image, class)| {
            format!(r#"{{"image_id": {image}, "category_id": {class}, "score": 1, "segmentation": {{"size": [3, 2], "counts": [6]}}}}"#)
        })
        .collect();
    let pred = format!("[{}]", pred.join(", "));
    let found = read(FEDERATED, &pred, Options { federated: true, ..OPTIONS }, 2);
    assert_eq!(found.findings, []);
    // Of image 4 the targets, of which one has no area, then classes that it has none of, that it may have more of, and that nobody looked for.
    assert_eq!(found.rows.objects[6], [32, 64 + 4, 0, 2, 8, 64 + 2, 8 + 2, 8, 0]);
    let flags = read(FEDERATED, &pred, OPTIONS, 2).rows.objects[6].clone();
    assert_eq!(flags, [0, 4, 0, 0, 0, 2, 0, 0, 0]);
    let target = FEDERATED.replace(r#""frequency": "r""#, r#""frequency": "x""#).replace("[2]", "[3]");
    let target = target.replace(r#""neg_category_ids": [], "#, "");
    let told = read(&target, "[]", Options { federated: true, ..OPTIONS }, 1).findings;
    let told: Vec<_> =
        told.iter().map(|one| format!("{}[{}]: {}", one.list, one.index, one.message)).collect();
    assert_eq!(
        told,
        [
            "categories[1]: expected a `frequency` of r, c or f, found \"x\"",
            "images[0]: expected `neg_category_ids` of `categories`, found 3",
            "images[1]: expected `neg_category_ids`, found none",
            "images[1]: expected `not_exhaustive_category_ids` of `categories`, found 3",
        ]
    );
}
