"""The demo, the listings of classes, and the start of a class file."""

import os
import signal
import tomllib

import numpy as np
import pytest

import segscore
from segscore import Classes, Workspace
from segscore.classes import presets
from segscore.classes.classes import load
from segscore.counts.new_classes import new_classes
from segscore.demo import IMAGES, streets, write_demo
from segscore.errors import OutputError
from segscore.pages.crops import crops_of
from segscore.scores.matching import Threshold
from support.command_line import failed, printed, run
from support.forked import children
from support.masks_on_disk import PALETTE, RGB, RGBA, png, write


def test_the_demo_scores_two_versions_and_leaves_the_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = printed("demo").splitlines()
    assert lines[0] == "wrote 24 made-up street masks and two model versions to segscore-demo"
    assert lines[1] == "wrote a page about pred-v2, to be opened in a browser: segscore-demo/report.html"
    assert "<h1" in (tmp_path / "segscore-demo" / "report.html").read_text()
    assert "pred-v2 is better than pred-v1: mean IoU 0.821992 against 0.632181" in lines
    assert lines[-2] == "mean over 5 of 5 classes"
    command = "segscore evaluate --pred segscore-demo/pred-v1 --target segscore-demo/target"
    assert lines[-1] == f"next: {command} --classes segscore-demo/classes.toml"
    assert "mean IoU 0.632181" in printed(*lines[-1].removeprefix("next: segscore ").split())


def test_the_demo_is_written_again_over_itself_but_over_nothing_else(tmp_path):
    first = {path.name: path.read_bytes() for path in write_demo(tmp_path / "x").v1.iterdir()}
    assert len(first) == IMAGES
    assert {path.name: path.read_bytes() for path in write_demo(tmp_path / "x").v1.iterdir()} == first
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    refusal = (
        f"{tmp_path}/mine: is not empty, and holds no earlier demo\nhint: name another folder with `--dir`"
    )
    assert failed(run("demo", "--dir", tmp_path / "mine")) == refusal
    (tmp_path / "mine" / "classes.toml").write_text('classes = ["road", "sky"]\n')
    assert failed(run("demo", "--dir", tmp_path / "mine")) == refusal
    assert (tmp_path / "mine" / "classes.toml").read_text() == 'classes = ["road", "sky"]\n'
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["classes.toml", "thesis.txt"]


@pytest.mark.parametrize("earlier", [False, True])
def test_a_demo_of_a_process_that_was_killed_is_made_again(tmp_path, monkeypatch, earlier):
    monkeypatch.setattr(streets, "IMAGES", 3)
    folder = tmp_path / "x"
    if earlier:
        write_demo(folder)
        (folder / "target" / "mine.txt").touch()
    before = sorted(path.name for path in folder.rglob("[!.]*"))
    write_mask, made = streets.write_mask, []

    def killed(path, mask):
        write_mask(path, mask)
        made.append(path)
        if len(made) == 4:
            os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as now:
        now.setattr(streets, "write_mask", killed)
        assert children(1, lambda: write_demo(folder)) == 0
    unfinished = folder / ".segscore-demo-unfinished"
    assert len([*unfinished.rglob("*.png")]) == 4
    inside = {*unfinished.rglob("*")}
    assert sorted(path.name for path in folder.rglob("[!.]*") if path not in inside) == before
    write_demo(folder)
    expected = {f"{side}/street_{i:02d}.png" for side in ("target", "pred-v1", "pred-v2") for i in range(3)}
    expected |= {"classes.toml"} | ({"target/mine.txt"} if earlier else set())
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == expected
    assert not unfinished.exists()


def test_a_demo_that_cannot_be_written_whole_is_not_there_and_an_earlier_one_stays(tmp_path, monkeypatch):
    folder = tmp_path / "x"

    def refused(evaluation, path):
        raise OutputError(f"{path}: cannot be written: No space left on device", "make room")

    monkeypatch.setattr(streets, "IMAGES", 2)
    for left in ([], ["classes.toml", "pred-v1", "pred-v2", "report.html", "target"]):
        with monkeypatch.context() as now:
            now.setattr(segscore.Evaluation, "write_report", refused)
            assert failed(run("demo", "--dir", folder)) == (
                f"{folder}/report.html: cannot be written: No space left on device\nhint: make room"
            )
        assert sorted(path.name for path in tmp_path.glob("x/*")) == left
        assert folder.exists() == bool(left)
        printed("demo", "--dir", folder)


def test_the_demo_makes_workspaces_with_something_to_show(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    lines = printed("demo", "--workspace").splitlines()
    ws = Workspace("segscore-demo-workspace/streets")
    said = "made two workspaces with photographs, models, volumes and runs in segscore-demo-workspace"
    assert lines == [
        said,
        "",
        *str(ws.runs()).splitlines(),
        "",
        "next: segscore ui --workspace segscore-demo-workspace/streets",
    ]
    r1, r2, _, r4, r5, r6 = ws.runs()
    assert [run.evaluation.requested for run in ws.runs()] == [24, 24, 12, 4, 36, 36]
    assert not any(run.evaluation.failures for run in ws.runs())
    assert [ws.models[name].form for name in ("net:v1", "net:v2", "organs")] == [
        "onnx",
        "onnx",
        "predictions",
    ]
    assert ws.datasets["evenings"].workspace == (tmp_path / "segscore-demo-workspace" / "evenings")
    assert [run.tags for run in (r1, r2)] == [("baseline",), ()]
    # What the notes say of the models is so.
    assert r1.metric("mean_iou") < r2.metric("mean_iou")
    assert r1.metric("iou.car") < r2.metric("iou.car")
    assert r1.metric("iou.person") > r2.metric("iou.person")
    weather = {name: ev.scores.mean_iou for name, ev in weather_of(ws, "r2").items()}
    assert weather["fog"] < weather["rain"] < weather["sun"]
    assert r2.metric("mean_boundary_iou") < r2.metric("mean_iou")
    assert r4.evaluation.surface.unit == "mm"
    assert 0 < r4.metric("mean_hd95") < 5
    cells = segscore.compare(r5.evaluation, r6.evaluation)
    assert (cells.headline.name, cells.headline.significant) == ("mean_ap", True)
    assert cells.headline.gain > 0
    matching = r5.evaluation.shapes.matching
    assert min(len(matching.split()), len(matching.at(Threshold(0.5)).missed)) > 3
    assert all(one.target and one.photograph for one in crops_of(ws.evaluation("r5")))


def weather_of(ws, run):
    """Return the evaluation of each weather."""
    return ws.evaluation(run).group_by(csv=ws.path / "weather.csv", column="weather")


def test_targets_that_are_all_ignored_are_a_warning(tmp_path):
    (tmp_path / "a.png").write_bytes(png([[0, 1], [2, 3]]))
    (tmp_path / "b.png").write_bytes(png([[0, 1], [2, 3]]))
    result = run(
        "evaluate", "--pred", tmp_path / "a.png", "--target", tmp_path / "b.png", "--classes", "cityscapes"
    )
    assert result.exit_code == 0
    assert result.stderr == (
        "warning: nothing is scored: all 4 pixels have an ignored target\n"
        "hint: are the targets in another label space, such as train ids instead of label ids?\n"
    )


def test_the_demo_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    assert failed(run("demo", "--dir", tmp_path / "file" / "x")) == (
        f"{tmp_path}/file/x: cannot be written: Not a directory\nhint: name another folder with `--dir`"
    )


def test_classes_lists_every_preset_with_its_whole_name():
    result = printed("classes")
    listed = [line.split()[0] for line in result.splitlines()[1:-2]]
    assert listed == list(presets.names())
    assert max(map(len, result.splitlines())) <= 80


@pytest.mark.parametrize("name", presets.names())
def test_classes_shows_a_preset(name):
    result = printed("classes", name)
    for class_name in load(name).names:
        assert class_name[:10] in result


def test_classes_with_wrong_arguments():
    assert run("classes", "nonsense").exit_code == 2
    assert run("classes", "new").stderr == (
        "error: `classes new` needs masks or a table\n"
        "hint: `segscore classes new --from DIR > classes.toml`\n"
    )
    assert run("classes", "--from", ".").stderr == (
        "error: `--from` belongs to `classes new`\nhint: `segscore classes new --from DIR`\n"
    )


def test_a_new_class_file_holds_the_labels_and_the_colours_of_palettes(tmp_path):
    palette = [[0, 0, 0], [9, 8, 7], [1, 1, 1]] + [[2, 2, 2]] * 253
    (tmp_path / "a.png").write_bytes(png([[0, 1, 1, 255]], colour=PALETTE, palette=palette))
    (tmp_path / "b.png").write_bytes(png([[0, 2, 2, 2]], colour=PALETTE, palette=[*palette[:2], [5, 5, 5]]))
    text = new_classes(str(tmp_path))
    assert text == (
        f"# Labels found in {tmp_path}. Give each class its name.\n"
        'name = "my-classes"\n'
        "ignore = [{ label = 255, colour = [2, 2, 2] }]\n"
        "not_in_mean = []  # labels of classes, such as a background, that means leave out\n"
        "classes = [\n"
        '  { label = 0, name = "class 0", colour = [0, 0, 0] },  # 25.00% of the pixels\n'
        '  { label = 1, name = "class 1", colour = [9, 8, 7] },  # 25.00% of the pixels\n'
        '  { label = 2, name = "class 2", colour = [5, 5, 5] },  # 37.50% of the pixels\n'
        "]\n"
    )
    classes = Classes(**presets.parse(text.encode(), "new"))
    assert (classes.labels, classes.ignore, classes.colours) == (
        (0, 1, 2),
        (255,),
        {0: (0, 0, 0), 1: (9, 8, 7), 2: (5, 5, 5), 255: (2, 2, 2)},
    )


def test_a_new_class_file_of_rgb_masks_scores_them(tmp_path):
    pixels = np.array([[[0, 0, 0], [200, 0, 0], [200, 0, 0]]])
    for folder in ("pred", "target"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(png(pixels, colour=RGB))
    result = printed("classes", "new", "--from", tmp_path / "target")
    colours = [entry["colour"] for entry in tomllib.loads(result)["classes"]]
    assert colours == [[200, 0, 0], [0, 0, 0]]
    (tmp_path / "classes.toml").write_text(result)
    sides = {side: str(tmp_path / side) for side in ("pred", "target")}
    assert segscore.evaluate(**sides, classes=tmp_path / "classes.toml").scores.mean_iou == 1.0


def test_a_new_class_file_of_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("classes", "new", "--from", "none").stderr.startswith("error: `--from`: expected a folder, ")


def test_a_new_class_file_ignores_the_usual_marks_alone(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[-100, -7, -1, 0]]))
    made = tomllib.loads(new_classes(str(tmp_path)))
    assert made["ignore"] == [-100, -1]
    assert [one["label"] for one in made["classes"]] == [-7, 0]


@pytest.mark.parametrize(
    ("masks", "error"),
    [
        ([b"\xff\xd8\xff\xe0"], "1 mask cannot be read:\n  0: {}/0.png: expected a PNG, found a JPEG"),
        (
            [png(np.arange(1200).reshape(30, 40), bits=16)],
            "{}: found 1,200 different labels, more than 1,000\n"
            "hint: are these instance ids, photographs, or masks that were saved as JPEG?",
        ),
        (
            [png([[[1, 2, 3, 255]]], colour=RGBA), png([[[1, 2, 3, 255], [4, 5, 6, 128]]], colour=RGBA)],
            "{}/1.png holds colour (4, 5, 6) with alpha 128: the colour of a class is opaque\n"
            "hint: save the masks without alpha, as RGB",
        ),
        (
            [png([[0, 1]]), png([[[1, 2, 3], [4, 5, 6]]], colour=RGB)],
            "{}/1.png holds colours, and {}/0.png holds labels\n"
            "hint: save all masks in one form, or name those of one form with a pattern: "
            "'masks/*_color.png'",
        ),
    ],
    ids=["JPEG", "many labels", "not opaque", "labels and colours"],
)
def test_masks_of_which_no_class_file_can_be_made(tmp_path, masks, error):
    write(tmp_path, {f"{i}.png": mask for i, mask in enumerate(masks)})
    assert failed(run("classes", "new", "--from", tmp_path)) == error.replace("{}", str(tmp_path))
