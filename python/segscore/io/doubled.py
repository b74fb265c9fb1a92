"""Files that cannot be told apart: several of one name on a side, and the same on both sides."""

from collections import Counter

from segscore.base.naming import arg, by_face
from segscore.base.wording import show
from segscore.errors import PairingError
from segscore.io.absolute import places, real_path
from segscore.io.kinds import split_suffix
from segscore.io.patterns import ID, unique_index
from segscore.io.sources import Source


def index_of(source: Source, ids: tuple[str | None, ...], template: str | None) -> dict[str, int]:
    """Return where each id is; list the ids that several files have in an error."""
    if (index := unique_index(ids)) is not None:
        return index
    files: dict[str, list[str]] = {}
    for i in sorted(range(len(ids)), key=source.files.__getitem__):
        if (name := ids[i]) is not None:
            files.setdefault(name, []).append(source.files[i])
    doubled = {name: files[name] for name in sorted(files) if len(files[name]) > 1}
    rows = "".join(f"\n  {show(k)}: {', '.join(map(show, v))}" for k, v in doubled.items())
    under = "" if template is None else f" under the pattern {show(template)}"
    suffix = Counter(source.suffixes).most_common(1)[0][0]
    only = f"{ID}{suffix}:{ID}" if source.role not in ("target", "masks") else f"{ID}:{ID}{suffix}"
    others = (
        by_face(
            "name images yourself, `names=[…]`, or give the folder of the files",
            command_line="give the folder of the files",
        )
        if source.listed and template is None
        else "rename files, or give a pattern that describes one file for each name"
    )
    several = all(len({split_suffix(file)[1] for file in v}) == len(v) for v in doubled.values())
    raise PairingError(
        f"{arg(source.role)}: expected one file for each name, "
        f"found {len(doubled)} name{'s' * (len(doubled) != 1)} with several in {source.where}{under}:{rows}",
        f"{arg('pairing', only)} takes the {suffix} files only"
        if several and suffix and template is None
        else others,
    )


def refuse_itself(preds: Source, targets: Source, common: list[tuple[str, int, int]]) -> None:
    """Raise an error where the two files of a pair, as `common` has them, are the same."""
    if not (preds.listed or targets.listed):
        pred_root, target_root = (real_path(side.root).rstrip("/") for side in (preds, targets))
        if not (pred_root.startswith(target_root) or target_root.startswith(pred_root)):
            return
    place = places()
    same = [targets.paths[j] for _, i, j in common if place(preds.paths[i]) == place(targets.paths[j])]
    if same:
        raise PairingError(
            f"`{preds.role}` and `target` are the same file in {len(same)} of {len(common)} pairs, "
            f"the first {show(same[0])}",
            "a mask that is compared with itself is always perfect; check both paths",
        )
