"""`segscore convert`, and other commands that take annotations."""

import json
import shutil
from pathlib import Path
from tomllib import loads

import numpy as np
from PIL import Image

import segscore
from segscore.counts.new_classes import MADE_UP
from support.annotated import CAR, DOG, coco, labels, written
from support.coco_files import annotations, results
from support.command_line import run
from support.yolo_files import write_yolo


def test_label_maps_with_their_classes(tmp_path: Path) -> None:
    source, out = written(tmp_path, coco()), str(tmp_path / "out")
    done = run("convert", source, "--to", "masks", "--out", out)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"2 label maps written to {out}",
        "2 objects of 2 classes in 2 images (1 crowd among them), read as COCO's JSON",
        "painted as COCO does, later ones of the file on top",
        "6 of 16 covered pixels are claimed by objects of several classes",
        "pixels of no object are `background`",
    ]
    assert np.asarray(Image.open(f"{out}/a.png")).tolist() == labels((3, CAR), (7, DOG)).tolist()
    classes = segscore.Classes.of(f"{out}/classes.toml")
    assert (classes.names, classes.labels) == (("background", "car", "dog"), (0, 3, 7))
    copy = shutil.copytree(out, tmp_path / "pred")
    sides = ("--pred", str(copy), "--no-progress", "--target")
    same = run("evaluate", *sides, out, "--classes", f"{out}/classes.toml")
    assert "Mean IoU 1.00" in same.stdout
    own = run("evaluate", *sides, source)
    assert own.stdout.splitlines()[3:9] == same.stdout.splitlines()[3:9]
    assert "targets are annotations: 2 objects" in " ".join(own.stdout.split())


def test_options(tmp_path: Path) -> None:
    content = coco()
    for image in content["images"]:
        del image["height"], image["width"]
    source = written(tmp_path, content)
    options = ("--to", "rle", "--from", "coco", "--paint", "pillow", "--order", "area", "--size", "9x7")
    done = run("convert", source, *options, "--out", str(tmp_path / "out"))
    assert done.stdout.splitlines()[2] == "painted as Pillow does, as LabelMe has it, smaller ones on top"
    found = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert [(one["height"], one["width"]) for one in found["images"]] == [(7, 9), (7, 9)]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"annotations.json"}
    bad = run("convert", source, "--to", "masks", "--out", str(tmp_path / "new"), "--size", "9")
    assert (bad.exit_code, bad.stderr) == (2, "error: `--size` is '9', expected WxH\nhint: such as 640x480\n")
    bad = run(
        "convert", source, "--to", "coco", "--out", str(tmp_path / "new"), "--size", "9x7", "--classes", "3"
    )
    assert (
        bad.stderr
        == "error: `--classes` is given with `--to coco`\nhint: labels of classes are those of masks\n"
    )
    bad = run("convert", source, "--to", "masks", "--out", str(tmp_path / "new"))
    assert bad.stderr == (
        f"error: {source}, images[0]: expected the size of a.jpg, which the file does not say\n"
        f"{source}, images[1]: expected the size of sub/b.jpg, which the file does not say\n"
        "hint: `--size 640x480` gives all images one size, and `segscore convert` takes the folder of "
        "`--images`\n"
    )


def test_classes_of_annotations(tmp_path: Path) -> None:
    source = written(tmp_path, coco())
    done = run("classes", "new", "--from", source)
    assert done.stdout.splitlines() == [
        f"# Classes of {source}.",
        'name = "my-classes"',
        "ignore = []",
        "not_in_mean = []  # labels of classes, such as a background, that means leave out",
        "classes = [",
        '  { label = 0, name = "background" },',
        '  { label = 3, name = "car" },',
        '  { label = 7, name = "dog" },',
        "]",
    ]
    counted = run(
        "classes",
        "new",
        "--from",
        written(tmp_path, coco(categories=[{"id": 0, "name": "car"}], annotations=[])),
    )
    assert counted.stdout.splitlines()[1:5] == [
        "# Annotations have no numbers: the labels below count their classes, which the model may not know.",
        *MADE_UP,
    ]


def test_classes_need_neither_sizes_nor_masks(tmp_path: Path) -> None:
    away = written(tmp_path, "ImageId,EncodedPixels,ClassId\na.jpg,3 4,crack\nb.jpg,-1,\n", "a.csv")
    boxes = [{"image_id": 4, "category_id": 7, "segmentation": [], "bbox": [0, 0, 2, 2]}]
    shape = {"label": "cat", "points": [[0, 0], [2, 0], [2, 2]]}
    written(tmp_path / "shapes", {"imagePath": "a.jpg", "shapes": [shape]}, "deep/a.json")
    (tmp_path / "shapes" / "a.jpg").write_bytes(b"")
    written(tmp_path / "shapes", {"imagePath": "b.jpg", "shapes": []}, "b.json")
    written(tmp_path / "yolo", "names: [dog, car]", "data.yaml")
    written(tmp_path / "yolo", "1 0 0 1 0 1 1", "labels/a.txt")
    for source, names in (
        (away, ["background", "crack"]),
        (written(tmp_path, coco(annotations=boxes)), ["background", "car", "dog"]),
        (tmp_path / "shapes", ["background", "cat"]),
        (tmp_path / "yolo", ["background", "dog", "car"]),
    ):
        done = run("classes", "new", "--from", str(source))
        assert done.stdout.splitlines()[0] == f"# Classes of {source}."
        assert [one["name"] for one in loads(done.stdout)["classes"]] == names
    done = run("classes", "new", "--from", written(tmp_path, {"imagePath": "b.jpg", "shapes": []}, "b.json"))
    assert (done.exit_code, done.stderr) == (
        2,
        f"error: {tmp_path}/b.json: there are no classes of masks in it\nhint: name the file that has them\n",
    )


def test_targets_alone_are_audited(tmp_path: Path) -> None:
    (tmp_path / "classes.toml").write_text(
        'name = "a"\nignore = []\nclasses = [{label = 0, name = "bg"}, {label = 3, name = "car"},'
        ' {label = 7, name = "dog"}, {label = 8, name = "cat"}]\n'
    )
    source = written(tmp_path, coco())
    done = run("audit", "--target", source, "--classes", str(tmp_path / "classes.toml"), "--no-progress")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "audit of 2 images: 1 note")
    assert "in no image: `cat`" in done.stdout


def test_one_size_of_all_images_may_be_given(tmp_path: Path) -> None:
    target = {**annotations(), "images": [one for one in annotations()["images"] if one["id"] != 5]}
    target["annotations"] = [one for one in target["annotations"] if one["image_id"] != 5]
    pred = [one for one in results() if one["image_id"] != 5]
    (tmp_path / "target.json").write_text(json.dumps(target))
    write_yolo(tmp_path / "pred", target, pred)
    write_yolo(tmp_path / "labels", target, [one for one in pred if one["score"] == 0.8])
    for path in (tmp_path / "labels").glob("labels/*.txt"):  # targets have no scores
        path.write_text("\n".join(line.rpartition(" ")[0] for line in path.read_text().splitlines()))
    maps = ("convert", str(tmp_path / "labels"), "--to", "masks", "--out")
    assert run(*maps, str(tmp_path / "maps")).exit_code == 0
    side = ("--no-progress", "--pred")
    commands = {
        "objects": ("evaluate", *side, "pred", "--target", "target.json", "--instances", "coco"),
        "masks": ("evaluate", *side, "maps", "--target", "labels"),
        "audit": ("audit", *side, "maps", "--target", "labels", "--classes", "maps/classes.toml"),
        "targets": ("audit", "--no-progress", "--target", "labels", "--classes", "maps/classes.toml"),
    }
    commands = {
        name: tuple(str(tmp_path / part) if (tmp_path / part).exists() else part for part in command)
        for name, command in commands.items()
    }
    with_images = {name: run(*command).stdout for name, command in commands.items()}
    for folder in ("pred", "labels"):
        shutil.rmtree(tmp_path / folder / "images")
    for name, command in commands.items():
        lacking = run(*command)
        assert lacking.exit_code == 2
        assert "expected the size of 1.jpg, which the file does not say\n" in lacking.stderr
        assert lacking.stderr.splitlines()[-1].startswith(
            "hint: `--size 640x480` gives all images one size, and "
        )
        given = run(*command, "--size", "60x40")
        assert (given.exit_code, given.stdout) == (0, with_images[name])
    assert run(*maps, str(tmp_path / "again"), "--size", "60x40").exit_code == 0
    for name in ("1.png", "2.png"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "maps" / name).read_bytes()
    said = "error: `--size` is given without annotations\n"
    said += "hint: masks and COCO's own files say how large images are\n"
    alone = (*commands["audit"][:-4], "--target", str(tmp_path / "maps"), *commands["audit"][-2:])
    whole = ("evaluate", "--pred", str(tmp_path / "target.json"), "--target", str(tmp_path / "target.json"))
    for command in (alone, *((*whole, "--instances", one) for one in ("coco", "coco-panoptic", "ids"))):
        assert run(*command, "--size", "60x40").stderr == said
    bad = run(*commands["masks"], "--size", "60")
    assert bad.stderr == "error: `--size` is '60', expected WxH\nhint: such as 640x480\n"
