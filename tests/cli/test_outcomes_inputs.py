"""Files that commands take evaluations from: what `--save` wrote, and everything else that users name."""

import pytest

import segscore
from segscore.cli.inputs import saved_evaluation
from support.command_line import evaluate, write_folders


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders `pred` and `target` with two masks each, and `classes.toml`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    return tmp_path


def test_what_save_wrote(folders):
    evaluate("--classes", "classes.toml", "--save", "v1.npz", "--fail-under", "iou.sky=0.8")
    made = segscore.evaluate(pred="pred", target="target", classes="classes.toml")
    assert saved_evaluation("v1.npz") == made


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "pred",
            "pred: expected a saved evaluation, found a folder\n"
            "hint: score the masks in it first: `segscore evaluate --save FILE.npz` writes such a file",
        ),
        (
            "v1.json",
            "v1.json: expected a saved evaluation, found JSON\n"
            "hint: `--json` writes no counts of single images; score them again with `--save FILE.npz`",
        ),
        (
            "classes.toml",
            "classes.toml: expected a saved evaluation, found another kind of file or a damaged one\n"
            "hint: `Evaluation.save` and `segscore evaluate --save` write such files",
        ),
        (
            "v2.npz",
            "v2.npz: cannot be read: No such file or directory\n"
            "hint: check that the file is there and readable",
        ),
        (
            "a\0b",
            "'a\\x00b': expected a saved evaluation, found another kind of file or a damaged one\n"
            "hint: `Evaluation.save` and `segscore evaluate --save` write such files",
        ),
    ],
)
def test_what_is_no_saved_evaluation(folders, path, message):
    evaluate("--classes", "classes.toml", "--json", "v1.json")
    with pytest.raises(segscore.FileFormatError) as caught:
        saved_evaluation(path)
    assert str(caught.value) == message
