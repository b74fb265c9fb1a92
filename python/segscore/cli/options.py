"""What several commands share: their options, and how groups of commands behave."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Annotated, Any, NoReturn, TypeAlias, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from segscore.base import limits
from segscore.base.naming import arg
from segscore.base.wording import many, shortened, show
from segscore.cli.outcomes import BAD_INPUT, say
from segscore.cli.spelling import option
from segscore.errors import ArgumentError
from segscore.pages.options import MAX_THUMBNAILS, THUMBNAILS
from segscore.text.option import Option

CLASSES = "A preset (see `segscore classes`), a TOML file, a table of another tool, or the number of classes."


class _Unusable(typer.BadParameter):
    """What an option cannot be, said as any other wrong input is."""

    def __init__(self, found: str, expected: str, hint: str) -> None:
        super().__init__(found)
        self.said = f"is {found!r}, expected {expected}", hint

    def show(self, file: object = None) -> None:  # noqa: ARG002 - those that are shown elsewhere need it
        """Print the message and its hint."""
        found, hint = self.said
        say("error", f"`{self.param.opts[0] if self.param else 'argument'}` {found}", hint)


def whole_number(text: str | int) -> int:
    """Return what an option says as a number; a default is one already."""
    try:
        return text if isinstance(text, int) else limits.whole_number(text)
    except ValueError:
        raise _Unusable(shortened(str(text)), "a whole number", "write it in digits, such as 8") from None


def number(text: str | float) -> float:
    """Return what an option says as a number; a default is one already."""
    try:
        return text if isinstance(text, float) else limits.number(text)
    except ValueError:
        raise _Unusable(shortened(str(text)), "a number", "write it in digits, such as 0.5") from None


def integer(about: str) -> Any:
    """Return an option that is a whole number."""
    return typer.Option(parser=whole_number, metavar="INTEGER", help=about)


def width_and_height(text: str) -> tuple[int, int]:
    """Return what `--size` says."""
    if (found := re.fullmatch("([1-9][0-9]{0,8})x([1-9][0-9]{0,8})", text)) is None:
        raise ArgumentError(f"{arg('size')} is {text[:40]!r}, expected WxH", "such as 640x480")
    return int(found[1]), int(found[2])


PRED = "Predicted masks: a folder, a glob pattern, a file, an archive, or an address such as s3://b/pred."
TARGET = "Ground truth: a folder, a glob pattern, a file, an archive, annotations, or an address: s3://b/gt."
Pred: TypeAlias = Annotated[str, typer.Option(help=PRED)]
Target: TypeAlias = Annotated[str, typer.Option(help=TARGET)]
Ignore: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="LABELS", help="Labels to leave out, such as 255 or 254,255.")
]
PredClasses: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Label values of predictions where they differ: a prediction space, a preset, or 2,0,1 in order."
    ),
]
Pairing: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="PATTERN", help="How names differ: '{id}_gtFine_labelIds', '{id}_{class}'."),
]
List: TypeAlias = Annotated[
    str | None,
    typer.Option("--list", metavar="FILE", help="A text file of the only images, one name or pair a line."),
]
ReadWith: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--read",
        metavar="MODULE:FUNCTION",
        help="A function from a path to an array of labels, for other formats; it is code, and runs.",
    ),
]
Groups: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="REGEX", help=r"The part of a name that says its sequence, patient or city: '^(\w+)_'."
    ),
]
Resize: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="nearest", help="Resize predictions of another size to their targets."),
]
Threshold: TypeAlias = Annotated[
    float | None,
    typer.Option(
        parser=number,
        metavar="NUMBER",
        help="Predictions are probabilities, as floats or gray PNG: class 1 from here on, such as 0.5.",
    ),
]
ClassAxis: TypeAlias = Annotated[
    int | None,
    integer("Predictions are class scores in .npy or .npz, with classes on this axis: 0 for (K, H, W)."),
]
Dims: TypeAlias = Annotated[int, integer("Dimensions of an image: 2, or 3 for volumes. One more is a stack.")]
Instances: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="ids|coco-panoptic|cityscapes|coco|lvis",
        help="Masks hold ids of objects: one an object, with a JSON file (--pred and --target), or as in "
        "*_instanceIds.png; with coco or lvis, --pred and --target are files of results and annotations.",
    ),
]
Things: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME,…", help="With --instances, the classes whose objects are counted."),
]
AreaFrom: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="file|mask",
        help="With --instances coco or lvis, whether targets have the area that their file says or that of "
        "their masks.",
    ),
]
IgnoreFlag: TypeAlias = Annotated[
    bool,
    typer.Option("--ignore-flag", help="With --instances coco, ignore targets whose file has `ignore`."),
]
MaxPixels: TypeAlias = Annotated[int, integer("The largest mask that is read.")]
ImageSize: TypeAlias = Annotated[
    str | None,
    typer.Option("--size", metavar="WxH", help="Of all images, where files of annotations do not say it."),
]
Threads: TypeAlias = Annotated[int | None, integer("Number of threads. [default: all processors]")]
InWorkspace: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="The folder that holds .segscore. [default: $SEGSCORE_WORKSPACE, else found upwards]",
    ),
]
Report: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Write a page that shows everything, one HTML file; - for standard output."
    ),
]
Json: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FILE", help="Write all numbers as JSON; - for standard output.")
]
Images: TypeAlias = Annotated[
    str | None, typer.Option(metavar="DIR", help="Photographs to show on the page of --report.")
]
ImagePairing: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="PATTERN", help="How names of photographs differ, such as {id}_rgb:{id}_gt."),
]
Thumbnails: TypeAlias = Annotated[
    int | None, integer(f"Images shown as pictures, 0 to {MAX_THUMBNAILS:,}. [default: {THUMBNAILS}]")
]
Save: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Write the whole evaluation for `segscore.load`: .npz, or .parquet.",
    ),
]
Summary: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Add a page in Markdown to the end of a file, such as $GITHUB_STEP_SUMMARY; "
        "- for standard output.",
    ),
]


def shard_option(about: str) -> Any:
    """Return the option that chooses a share of the images."""
    return typer.Option("--shard", metavar="K/N", help=about)


def shard_of(text: str) -> tuple[int, int]:
    """Return the number of a shard and how many there are, or say what is wrong with it."""
    number, _, shards = text.partition("/")
    if number.isdecimal() and shards.isdecimal() and len(text) < 20 and 1 <= int(number) <= int(shards):
        return int(number), int(shards)
    raise ArgumentError(
        f"{arg('shard')} is {shortened(text)!r}, expected K/N",
        "such as 3/16 for the third of 16 shards; the first one is 1/16",
    )


FailUnder: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="METRIC=VALUE,…",
        help="End with exit code 1 below these, such as mean_iou=0.7,iou.car=0.6.",
    ),
]
MinImages: TypeAlias = Annotated[
    int | None,
    typer.Option(
        parser=whole_number, metavar="INTEGER", help="End with exit code 1 if fewer images are scored."
    ),
]
AnyVersion: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME[:VERSION]", help="The latest version by default.")
]
Verify: TypeAlias = Annotated[
    bool, typer.Option("--verify", help="Read all files, and say if any has changed.")
]
NewVersion: TypeAlias = Annotated[
    str | None, typer.Option(help="The name of the version. [default: v1, v2, … counted up]")
]
OfModel: TypeAlias = Annotated[
    str | None, typer.Option("--model", metavar="NAME[:VERSION]", help="Only runs of this model.")
]
OfDataset: TypeAlias = Annotated[
    str | None, typer.Option("--dataset", metavar="NAME[:VERSION]", help="Only runs on this dataset.")
]
Progress: TypeAlias = Annotated[bool, typer.Option(help="Show the progress of a long run.")]


_Command = TypeVar("_Command", bound=Callable[..., None])


def with_options(table: Mapping[str, Option]) -> Callable[[_Command], _Command]:
    """Return what gives a command each option of a table, as a text or a switch, for its `**`."""

    def given(command: _Command) -> _Command:
        own = signature(command)
        *before, _ = own.parameters.values()
        options = [Parameter(one.name, Parameter.KEYWORD_ONLY, **_shown(one)) for one in table.values()]
        command.__signature__ = own.replace(parameters=[*before, *options])  # type: ignore[attr-defined]
        return command

    return given


def _shown(one: Option) -> dict[str, Any]:
    """Return the default of an option, and its type with what a help says."""
    names = dict.fromkeys((option(one.name), f"--{one.name.replace('_', '-')}"))
    if one.is_switch:
        return {"default": False, "annotation": Annotated[bool, typer.Option(*names, help=one.help)]}
    about = typer.Option(*names, metavar=one.values.metavar, help=f"{one.help} [example: {one.example}]")
    return {"default": None, "annotation": Annotated[str | None, about]}


class Command(TyperCommand):
    """Says what words mean nothing, and what is given twice, before it says that an option is missing."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return what is left of the words of a command; see click."""
        given, words, order = self.make_parser(ctx).parse_args([*args])
        # A shell that asks what may come next shows no message.
        if not (given.get("help") or ctx.resilient_parsing):
            if words:
                self._refuse_word(words[0], ctx.command_path)
            _refuse_more_than_one(order, args)
        return super().parse_args(ctx, args)

    def _refuse_word(self, word: str, command: str) -> NoReturn:
        """Say that a word is no option's, and none of those that a command takes beside them."""
        places = len(self.params) - sum(map(_is_option, self.params))
        if any(param.name == "pred" for param in self.params):
            hint = "masks are given as `--pred DIR --target DIR`"
        else:
            hint = f"`{command} -h` lists {'what it takes' if places else 'them'}"
        if is_run(word) and not places:
            of_run = [f"`segscore {name} {word}`" for name in ("show", "explain", "audit")]
            hint += f"; what is known of a run is said by {', '.join(of_run)}"
        taken = f"{many(places, 'word')} and options" if places else "options alone"
        found = f"{show(word)} as well" if places else show(word)
        say("error", f"`{command}` takes {taken}, found {found}", hint)
        raise typer.Exit(BAD_INPUT)


def _is_option(param: Any) -> bool:
    return bool(param.param_type_name == "option")


def _refuse_more_than_one(order: Sequence[Any], args: Sequence[str]) -> None:
    """Say of options with one value that they are given more than once: only the last of each would count.

    A switch may be given twice, but not as what it is and as its opposite.
    """
    said, lists = [], False
    for param, times in Counter(filter(_is_option, order)).items():
        spelled = [one for one in (*param.opts, *param.secondary_opts) if _is_among(one, args)]
        if times == 1 or param.multiple or (param.is_flag and len(spelled) == 1):
            continue
        said.append(f"{' and '.join(f'`{one}`' for one in spelled)} {times} times")
        lists |= "," in (param.metavar or "")
    if said:
        hint = "write it once" + "; several values stand together, as in 1,5" * lists
        say("error", f"expected each option once, found {', '.join(said)}", hint)
        raise typer.Exit(BAD_INPUT)


def _is_among(option: str, args: Sequence[str]) -> bool:
    return any(word == option or word.startswith(f"{option}=") for word in args)


def is_run(given: str) -> bool:
    """Whether a text is the id of a run, if a workspace has it."""
    return re.fullmatch("r[1-9][0-9]*", given) is not None


class _Group(typer.Typer):
    """A group of which each command is a `Command`."""

    def command(self, name: str | None = None, **how: Any) -> Callable[[Any], Any]:
        """Return what adds a command; see typer."""
        return super().command(name, cls=Command, **how)


def commands(name: str, about: str, cls: type[TyperGroup] = TyperGroup) -> typer.Typer:
    """Return a group of commands, still without any."""
    return _Group(
        name=name,
        cls=cls,
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
