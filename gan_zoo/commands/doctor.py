"""Looks at a folder of pictures before any training: `gan-zoo doctor --data_dir=~/pictures`."""

import os
import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from absl import flags

from gan_zoo.commands import flags as command_line
from gan_zoo.commands import startup
from gan_zoo.commands.names import check_names
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.quiet import quiet

if TYPE_CHECKING:
    from gan_zoo.data.inspection import Inspection

_HELP = """gan-zoo doctor --data_dir=FOLDER [--flag=value …]
python -m gan_zoo.doctor --data_dir=FOLDER [--flag=value …]

Looks at a folder of pictures before any training, as --dataset=folder would read it: what is left out and why, formats,
sizes, colours, splits, classes, pictures that are equal as the model would see them, and such as show nothing. Draws a
contact sheet, suggests the flags of a run, and says how long it takes here. Nothing is trained or kept.

  --data_dir=DIR         the folder
  --image_size=N --channels=N --fit=crop|pad|stretch
                         as in gan-zoo train; default: what is suggested
  --model=dcgan          the model that is suggested, and timed
  --out=FILE.png         the contact sheet (default: FOLDER_contact.png, in the folder where you are)
  --nospeed              leaves out the rounds that tell how long the run takes
  --help                 this text
"""
_TEXTS = ("data_dir", "fit", "model", "out")
_NUMBERS = ("image_size", "channels")
_SHOWN = 5  # names or kinds on a line
_ROWS, _ODD, _ANY = 16, 24, 48  # on the contact sheet: classes, pictures that are odd, pictures without classes
_BATCH, _ROUNDS = 32, 3000  # of a folder of so few pictures that the default length is fewer rounds


class Request(NamedTuple):
    """What to look at; the flags of the same names, None where one is not given."""

    data_dir: str
    image_size: int | None
    channels: int | None
    fit: str | None
    model: str
    out: str
    speed: bool


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    request = parse(argv)
    if request is None:
        print(_HELP, end="")
        return
    _check(request)
    with quiet():
        from gan_zoo.data import inspection
        from gan_zoo.drawing import contact_sheet
    with startup.Status() as progress:
        progress.show("the pictures")
        found = inspection.inspect(request.data_dir, request.image_size, request.channels, request.fit or "crop")
    print("\n".join(report(found, request.data_dir)))
    try:
        contact_sheet.write(request.out, contact_sheet.draw(_rows(found)))
    except OSError as error:
        raise UserError(f"--out={request.out}: {error.strerror or error}; name another file") from None
    print(f"  contact sheet  {request.out}")
    arguments = [f"--model={request.model}", *inspection.suggested(found, request.data_dir, request.fit)]
    arguments += _length(command_line.parse(arguments).experiment, found)
    print("\nsuggested\n  gan-zoo train " + " ".join(map(_quoted, arguments)), flush=True)
    if request.speed:
        with startup.Status() as progress:
            progress.show("some rounds")
            line = _speed(command_line.parse(arguments).experiment, found)
        print(line)


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    for name in _TEXTS:
        flags.DEFINE_string(name, None, "", flag_values=values)
    for name in _NUMBERS:
        flags.DEFINE_integer(name, None, "", flag_values=values)
    flags.DEFINE_boolean("speed", True, "", flag_values=values)
    if not startup.read(values, argv):
        return None
    given: dict[str, Any] = {name: values[name].value or None for name in _TEXTS}
    given |= {name: values[name].value for name in _NUMBERS}
    if not given["data_dir"]:
        raise UserError("name a folder of pictures, as in --data_dir=~/pictures")
    folder = Path(os.path.expanduser(given["data_dir"]))
    given |= {"data_dir": str(folder), "model": given["model"] or "dcgan", "speed": values["speed"].value,
              "out": startup.path("out", given["out"] or f"{folder.resolve().name or 'folder'}_contact.png")}
    return Request(**given)


def _check(request: Request) -> None:
    """Raises UserError for flags that can't be, before anything is looked at."""
    with quiet():
        from gan_zoo import data
        from gan_zoo.data.folder import checked_root
        from gan_zoo.data.source import check_request
        from gan_zoo.drawing import contact_sheet
    wanted = {name: getattr(request, name) for name in (*_NUMBERS, "fit") if getattr(request, name) is not None}
    experiment = Experiment(model=request.model, dataset="folder", data_dir=request.data_dir, **wanted)
    check_names(experiment)
    check_request(data.request(experiment))
    root, out = checked_root(request.data_dir), Path(request.out)
    flag = f"--out={request.out}"
    if out.suffix.lower() != ".png":
        raise UserError(f"{flag} must end in .png")
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise UserError(f"{flag}: {out.parent} is no folder that can be written: name another file")
    if out.resolve().is_relative_to(root.resolve()):
        raise UserError(f"{flag} lies in --data_dir={request.data_dir}, where it would be one of the pictures: name "
                        "another file with --out")
    if out.exists() and not contact_sheet.is_one(request.out):
        raise UserError(f"{flag} is there already and no contact sheet of gan-zoo doctor: name another file")


def report(found: "Inspection", data_dir: str) -> list[str]:
    """What a folder holds, lines."""
    from gan_zoo.data.finding import reasons

    lines = {
        "left out": reasons(found.left_out), "formats": [_counts(found.formats)], "sizes": [_counts(found.sizes)],
        "colours": [_counts(found.modes)], "splits": [_counts(found.splits)], "classes": [_classes(found.classes)],
        "equal": _groups(found.equal), "in two splits": _groups(found.across), "near-constant": _listed(found.flat),
        "notes": found.remarks}
    shape = "x".join(map(str, found.shape))
    head = f"{data_dir}: {found.read:,} pictures read, {len(found.left_out):,} left out; as images {shape}"
    return [head, *(f"  {name if text is texts[0] else '':<13}  {text}" for name, texts in lines.items()
                    for text in texts)]


def _counts(counts: dict[str, int] | Counter) -> str:
    """"64x64 40, 12x12 1", the most first, splits in their own order."""
    items = counts.most_common() if isinstance(counts, Counter) else list(counts.items())
    shown = ", ".join(f"{name} {count:,}" for name, count in items[:_SHOWN])
    return shown + (f" and {len(items) - _SHOWN:,} more kinds" if len(items) > _SHOWN else "")


def _classes(classes: dict[str, int]) -> str:
    if not classes:
        return "none: folders with pictures in them would be classes"
    shown = [f"{number}={name} {count:,}" for number, (name, count) in enumerate(classes.items())]
    return ", ".join(shown[:2 * _SHOWN] + [f"… {shown[-1]}"] * (len(shown) > 2 * _SHOWN))


def _groups(groups: list[list[str]]) -> list[str]:
    """Names that are equal, a line for each of the first groups."""
    lines = [" = ".join(group[:_SHOWN] + ["…"] * (len(group) > _SHOWN)) for group in groups[:_SHOWN]]
    return lines + [f"… {len(groups):,} such groups"] * (len(groups) > _SHOWN)


def _listed(names: list[str]) -> list[str]:
    return [f"{len(names):,}: {', '.join(names[:_SHOWN])}{', …' if len(names) > _SHOWN else ''}"] if names else []


def _rows(found: "Inspection") -> list[tuple[str, list]]:
    """What the contact sheet shows: the classes, or some pictures, and then what is odd."""
    rows = [(f"{number}={name} ({found.classes[name]:,})", [picture.image for picture in pictures])
            for number, (name, pictures) in enumerate(found.by_class.items()) if pictures][:_ROWS]
    if not rows:
        pictures = found.kept[::max(1, len(found.kept) // _ANY)][:_ANY]
        rows = [(f"{len(pictures)} of {found.read:,} pictures", [picture.image for picture in pictures])]
    flat = [picture for picture in found.odd if picture.name in found.flat]
    equal = [picture for picture in found.odd if picture.name not in found.flat]
    return [*rows, *((f"{title}: {', '.join(picture.name for picture in pictures)}",
                      [picture.image for picture in pictures[:_ODD]])
                     for title, pictures in (("equal to another", equal), ("near-constant", flat)) if pictures)]


def _length(experiment: Experiment, found: "Inspection") -> list[str]:
    """--batch_size and --steps, where there are fewer pictures than a batch takes, or the run would be too short."""
    count = found.splits.get("train") or found.read
    short = experiment.rounds(count) < _ROUNDS
    if not short and count >= experiment.batch_size:
        return []
    return [f"--batch_size={min(_BATCH, 2 ** (count.bit_length() - 1))}", *([f"--steps={_ROUNDS}"] if short else [])]


def _quoted(argument: str) -> str:
    """For a shell, with the flag's name outside of the quotes."""
    name, _, value = argument.partition("=")
    return f"{name}={shlex.quote(value)}" if value else name


def _speed(experiment: Experiment, found: "Inspection") -> str:
    """How long the run takes, and how that was measured."""
    import numpy as np

    with quiet():
        from gan_zoo.data import ImageDataset
        from gan_zoo.training.trial import seconds_per_round
    images = np.stack([picture.image for picture in found.kept])
    names = tuple(found.classes)
    labels = [names.index(str(picture.label)) for picture in found.kept] if experiment.conditional else None
    count = found.splits.get("train") or found.read
    repeats = -(-experiment.batch_size // len(images))  # so that a batch can be filled
    dataset = ImageDataset("some of the folder", np.tile(images, (repeats, 1, 1, 1)),
                           None if labels is None else np.tile(np.array(labels, np.int32), repeats),
                           names if labels is not None else ())
    with quiet():
        seconds, rounds, device = seconds_per_round(experiment, dataset)
    whole = experiment.rounds(count)
    return (f"  takes about {_duration(seconds * whole)} here ({device}): {whole:,} rounds, of which {rounds} were "
            f"tried and took {seconds:.2g} s each; checks and samples come on top. An epoch is "
            f"{count / experiment.batch_size:,.1f} rounds")


def _duration(seconds: float) -> str:
    minutes = f"{seconds / 60:,.0f} minutes" if seconds < 7200 else f"{seconds / 3600:,.1f} hours"
    return f"{seconds:.2g} s" if seconds < 100 else minutes
