"""The command line: the only module that prints.

What is scored, rendered or written is decided elsewhere; here arguments become calls, and outcomes
become exit codes: 0 fine, 2 bad usage or bad input, 3 internal error, 130 interrupted.
"""

import functools
import io
import os
import re
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

import segscore
from segscore import presets
from segscore.atomic import check_folder, write_file
from segscore.classes import Classes
from segscore.demo import write_demo
from segscore.errors import ArgumentError, EvaluationError, InternalError, SegscoreError, SegscoreWarning
from segscore.evaluating import LabelsFound, find_labels
from segscore.evaluating import evaluate as evaluate_masks
from segscore.evaluation import Evaluation
from segscore.masks import MAX_PIXELS
from segscore.new_classes import new_classes
from segscore.render import listings
from segscore.render.json import to_json
from segscore.render.names import listed, visible
from segscore.render.text import evaluation_text

BAD_INPUT, INTERNAL, INTERRUPTED = 2, 3, 130

_SPELLINGS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"`ignore_index=\[?(-?\d[-\d, ]*)\]?`", lambda m: f"`--ignore {m[1].replace(' ', '')}`"),
    (r"`ignore_index`", lambda _: "`--ignore`"),
    (
        r'`(on_error|pairing|pred_classes|resize)="((?:[^"\\]|\\.)*)"`',
        lambda m: f"`{_option(m[1])} {shlex.quote(_unescaped(m[2]))}`",
    ),
    (
        r"`(max_pixels|on_error|pairing|pred_classes|resize|strict|threads)`",
        lambda m: f"`{_option(m[1])}`",
    ),
    (r"`read=`", lambda _: "`segscore.evaluate(read=…)`"),
)
"""How arguments, which messages and hints spell as Python does, are written on the command line."""

P = ParamSpec("P")

app = typer.Typer(
    name="segscore",
    help="Scores segmentation models: IoU, mean IoU, Dice and more, from folders of masks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    if sys.stdout is None:
        # Whoever closed it does not want to read anything.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal cannot show is no reason to show nothing.
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        _drop_output()
        _say("error", f"standard output cannot be written: {error.strerror or error}")
        sys.exit(BAD_INPUT)


def _drop_output() -> None:
    """Let the rest of standard output vanish, as whoever read it has, for example `head`.

    Python would complain again when it flushes it at the end.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reported(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the outcomes of a command into messages and exit codes."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("always", category=SegscoreWarning)
                warnings.showwarning = _show_warning  # type: ignore[assignment]  # takes fewer
                command(*args, **kwargs)
            sys.stdout.flush()
        except SegscoreError as error:
            _say("error", error.message, error.hint)
            raise typer.Exit(INTERNAL if isinstance(error, InternalError) else BAD_INPUT) from None
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _drop_output()
            raise typer.Exit from None
        except OSError:
            # `main` says that standard output cannot be written.
            raise
        except Exception as error:
            traceback.print_exc()
            _say("internal error", f"{type(error).__name__}: {error}", "please report this with the command")
            raise typer.Exit(INTERNAL) from None

    return run


def _say(kind: str, message: str, hint: str | None = None) -> None:
    for line in (f"{kind}: {message}", *([f"hint: {hint}"] if hint else [])):
        for part in _on_command_line(line).split("\n"):
            typer.echo(visible(part), err=True)


def _on_command_line(text: str) -> str:
    for pattern, spelling in _SPELLINGS:
        text = re.sub(pattern, spelling, text)
    return text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _option(argument: str) -> str:
    return f"--{argument.replace('_', '-')}"


def _show_warning(message: Warning | str, *_: Any) -> None:
    _say("warning", str(message))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"segscore {segscore.__version__}")
        raise typer.Exit


@app.callback()
def _segscore(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
@_reported
def evaluate(
    pred: Annotated[str, typer.Option(help="Predicted masks: a folder, a glob pattern or a file.")],
    target: Annotated[str, typer.Option(help="Ground truth: a folder, a glob pattern or a file.")],
    classes: Annotated[
        str | None,
        typer.Option(help="A preset (see `segscore classes`), a TOML file, or the number of classes."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="LABELS", help="Labels to leave out, such as 255 or 254,255."),
    ] = None,
    pred_classes: Annotated[
        str | None,
        typer.Option(help="Label values of predictions where they differ: a prediction space, a preset, …"),
    ] = None,
    pairing: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="How names differ, such as '{id}_gtFine_labelIds'."),
    ] = None,
    resize: Annotated[
        str | None,
        typer.Option(metavar="nearest", help="Resize predictions of another size to their targets."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Predictions that are no class are errors.")
    ] = False,
    on_error: Annotated[
        str | None,
        typer.Option(
            metavar="raise|skip", help="Stop at images that cannot be scored, or skip them. [default: raise]"
        ),
    ] = None,
    max_pixels: Annotated[int, typer.Option(help="The largest mask that is read.")] = MAX_PIXELS,
    threads: Annotated[int | None, typer.Option(help="Number of threads. [default: all processors]")] = None,
    progress: Annotated[bool, typer.Option(help="Show the progress of a long run.")] = True,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write all numbers as JSON; - for standard output.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the whole evaluation for `segscore.load`.")
    ] = None,
) -> None:
    """Compare predicted masks with ground truth.

    Without --classes the label values of both sides are listed.
    """
    for path in (save, None if json in (None, "-") else Path(str(json))):
        if path is not None:
            check_folder(path)
    if save is not None and json is not None and Path(json).absolute() == save.absolute():
        raise ArgumentError("`--json` and `--save` name the same file", "name two files")
    options: dict[str, Any] = {
        "pred": pred,
        "target": target,
        "pairing": pairing,
        "resize": resize,
        "max_pixels": max_pixels,
        "threads": threads,
        "progress": progress,
    }
    if classes is None:
        _need_classes(
            ignore=ignore, pred_classes=pred_classes, strict=strict, on_error=on_error, json=json, save=save
        )
        typer.echo(_labels_found(options))
        return
    result = evaluate_masks(
        **options,
        classes=_number_or_name(classes),
        ignore_index=_labels(ignore),
        pred_classes=None if pred_classes is None else _number_or_name(pred_classes),
        strict=strict,
        on_error="raise" if on_error is None else on_error,  # type: ignore[arg-type]  # evaluate checks it
    )
    # Files are written once the scores are shown, and each of them even if the reader of the scores has
    # gone or the other one fails, so that no finished run is lost.
    with ExitStack() as files:
        if json not in (None, "-"):
            files.callback(_write_json, str(json), result)
        if save is not None:
            files.callback(result.save, save)
        if json == "-":
            typer.echo(to_json(result.to_dict()))
        else:
            typer.echo(_hints_on_command_line(evaluation_text(result, next_step=_next_step(save))))


def _write_json(path: str, result: Evaluation) -> None:
    write_file(path, f"{to_json(result.to_dict())}\n".encode())


def _hints_on_command_line(text: str) -> str:
    """Return a report whose hints, which stand on lines of their own, are for the command line."""
    return re.sub(r"(?m)^  hint: .*", lambda line: _on_command_line(line[0]), text)


def _next_step(save: Path | None) -> str:
    if save is None:
        return "add `--save v1.npz` to keep the counts of every image, `--json v1.json` for the numbers"
    return f"in Python, `segscore.load({str(save)!r}).worst(10)` lists the images to look at"


def _need_classes(**given: object) -> None:
    names = [_option(name) for name, value in given.items() if value not in (None, False)]
    if names:
        need = "needs" if len(names) == 1 else "need"
        raise ArgumentError(
            f"{listed(names, limit=len(names))} {need} `--classes`", "name the classes with `--classes`"
        )


def _labels_found(options: dict[str, Any]) -> str:
    """Return the labels of both sides as text, or raise EvaluationError if no image could be counted."""
    found = find_labels(**options)
    if not found.images:
        raise _nothing_counted(found)
    text = listings.labels_text(found, target=options["target"], command=_command(options))
    return _hints_on_command_line(text)


def _nothing_counted(found: LabelsFound) -> EvaluationError:
    lines = ["no image could be counted:", *(f"  {failure}" for failure in found.failures)]
    hints = dict.fromkeys(failure.hint for failure in found.failures if failure.hint)
    return EvaluationError("\n".join(lines), "\nhint: ".join(hints) or None, found.failures)


def _command(options: dict[str, Any]) -> str:
    """Return the command with the options that were given."""
    parts = ["segscore", "evaluate"]
    for name, value in options.items():
        if name == "progress":
            parts += [] if value else ["--no-progress"]
        elif value not in (None, MAX_PIXELS):
            parts += [_option(name), str(value)]
    return shlex.join(parts)


def _number_or_name(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _labels(texts: list[str] | None) -> list[int] | None:
    if texts is None:
        return None
    try:
        return [int(part) for text in texts for part in text.split(",")]
    except ValueError:
        raise ArgumentError(
            f"`--ignore` is {','.join(texts)!r}, expected label values", "write 255, or 254,255"
        ) from None


@app.command()
@_reported
def classes(
    name: Annotated[str | None, typer.Argument(help="A preset or a TOML file to show; or `new`.")] = None,
    masks: Annotated[
        str | None, typer.Option("--from", metavar="DIR", help="With `new`: masks to take labels from.")
    ] = None,
) -> None:
    """List the presets, show one, or start a file for masks of your own.

    `segscore classes new --from DIR > classes.toml` writes a file with the labels found, and with the
    colours of palettes.
    """
    if name == "new":
        if masks is None:
            raise ArgumentError(
                "`classes new` needs masks", "`segscore classes new --from DIR > classes.toml`"
            )
        typer.echo(new_classes(masks), nl=False)
    elif masks is not None:
        raise ArgumentError("`--from` belongs to `classes new`", "`segscore classes new --from DIR`")
    elif name is None:
        typer.echo(listings.presets_text([presets.load(preset) for preset in presets.names()]))
    else:
        typer.echo(listings.classes_text(Classes.of(_number_or_name(name))))


@app.command()
@_reported
def demo(
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where to write; an earlier demo is written again.")
    ] = Path("segscore-demo"),
) -> None:
    """Make a small dataset and two model versions, and score both."""
    made = write_demo(folder)
    options: dict[str, Any] = {"target": str(made.target), "classes": made.classes}
    first = evaluate_masks(pred=str(made.v1), **options)
    second = evaluate_masks(pred=str(made.v2), **options)
    paths = ["--target", str(made.target), "--classes", str(made.classes)]
    command = shlex.join(["segscore", "evaluate", "--pred", str(made.v1), *paths])
    typer.echo(f"wrote {len(second.names)} made-up street masks and two model versions to {folder}\n")
    typer.echo(listings.versions_text("pred-v1", first, "pred-v2", second))
    typer.echo("\npred-v2 in full:\n")
    typer.echo(evaluation_text(second, next_step=command))
