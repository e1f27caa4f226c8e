"""model_card.md: what a shipped GAN is, was trained on, and how good it is (Mitchell et al. 2019, arXiv:1810.03993)."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_zoo.comparison.reading import RunRecord, read_run
from gan_zoo.errors import UserError
from gan_zoo.evaluation.records import DIFFERENCES, Quantity, quantities
from gan_zoo.export.priors import priors
from gan_zoo.files import write_text
from gan_zoo.shipping.base import Shipped, Source, formats, text

_FILE = "model_card.md"
_DIGITS = 4


def write(source: Source, folder: Path, shipped: Sequence[Shipped]) -> Path:
    """Writes the card; returns where it is."""
    path = folder / _FILE
    write_text(path, "\n".join(_lines(source, folder, shipped)) + "\n")
    return path


def _lines(source: Source, folder: Path, shipped: Sequence[Shipped]) -> Iterator[str]:
    run = _run(source)
    yield from (f"# {source.title}", "", f"A generative adversarial network: {source.words}.", "")
    yield from ("| file | size | |", "|---|---|---|")
    for each in shipped:
        yield f"| `{each.path.name}` | {_size(each.path)} | {each.words} |"
    for path in sorted({*folder.glob("*.*")} - {each.path for each in shipped}):
        if path.suffix in _programs():
            yield f"| `{path.name}` | {_size(path)} | not written now, but lies here |"
    yield from ("", "Differences are the largest of all outputs over 16 points, relative where these are beyond 1.", "")
    yield from _use(source, folder)
    yield from _data(source, run)
    yield from _quality(source, run)
    if run or source.description.metadata.get("flags"):
        yield from _training(source, run)


def _run(source: Source) -> RunRecord | None:
    if source.run is None:
        return None
    try:
        return read_run(source.run, source.title)
    except UserError:
        return None  # the card then says that nothing is known


def _use(source: Source, folder: Path) -> Iterator[str]:
    about = source.description
    yield from ("## Use", "", f"`noise`: float32 [N, {about.latent_size}], drawn from", "")
    for prior in priors(about):
        parameters = prior.keys() - {"distribution", "offset", "size"}
        rest = ", ".join(f"{name} {prior[name]:g}" for name in sorted(parameters))
        last = prior["offset"] + prior["size"] - 1
        yield f"- columns {prior['offset']} to {last}: {prior['distribution']}{f' ({rest})' if rest else ''}"
    if about.classes:
        names = {number: name for number, name in enumerate(about.classes.names) if name != str(number)}
        called = f": {text(names)}" if names else ""
        yield from ("", f"`label`: int32 [N], one of {list(about.classes.trained)}{called}")
    height, width, channels = about.image_shape
    low_high = "as the data have them" if about.value_range is None else "from {:g} to {:g}".format(*about.value_range)
    yield from ("", f"`images`, what the generator makes: float32 [N, {height}, {width}, {channels}], {low_high}.", "")
    for network in source.networks[1:]:
        yield f"The {network.name} takes {_listed(network.inputs)} and gives {_listed(network.wanted)}" + (
            f", one for {about.packing} images." if about.packing > 1 else ".")
    yield ""
    shape, label = f"[4, {about.latent_size}]", ', "label": np.zeros(4, "int32")' if about.classes else ""
    for path in sorted(folder.glob("generator*")):
        program = _programs().get(path.suffix, "")
        yield from program.format(file=path.name, shape=shape, label=label).splitlines()


def _programs() -> dict[str, str]:
    """How a generator's file is run, by the ending of its name."""
    known: list[Any] = [formats[name] for name in formats]
    return {form.ending: form.program for form in known}


def _listed(values: Mapping[str, Any]) -> str:
    """Arrays by name, as `images` (uint8 [N, 8, 8, 1])."""
    return ", ".join(f"`{name}` ({np.dtype(getattr(value.dtype, 'as_numpy_dtype', value.dtype))} "
                     f"[{', '.join(['N', *map(str, value.shape[1:])])}])" for name, value in sorted(values.items()))


def _data(source: Source, run: RunRecord | None) -> Iterator[str]:
    flags = source.description.metadata.get("flags") or {}
    data = run.record.get("data") if run else flags.get("dataset")
    named = data or "data that the export does not name"
    yield from ("## Data and licence", "",
                f"Trained on {named}. What is generated is like these and may be too like some of them. The terms of "
                "the data apply to these weights; look them up before you publish. The code that trained them is under "
                "Apache 2.0.", "")


def _quality(source: Source, run: RunRecord | None) -> Iterator[str]:
    yield from ("## How good it is", "")
    if run and run.verdict:
        evidence = (run.record.get("verdicts") or [{}])[-1].get("evidence")
        yield from (f"Verdict of its last check: *{run.verdict}*{f' ({evidence})' if evidence else ''}.", "")
    measured = run.measured if run else {}
    if not measured:
        how = f": `gan-zoo evaluate --run_dir={shlex.quote(str(run.path))}` does" if run else ""
        yield from (f"Not measured{how}.", "")
        return
    yield from ("| metric | value | real images (floor) | N | of step |", "|---|---|---|---|---|")
    for call, found in measured.items():
        about = found["provenance"]
        for each in _told(quantities(found["results"], found.get(DIFFERENCES, ()))):
            error = f" ± {_number(each.error)}" if each.error else ""
            floor = "" if each.floor is None else _number(each.floor)
            yield (f"| {call}: {each.name} | {_number(each.value)}{error} | {floor} | {about.get('samples', '')} | "
                   f"{about.get('step', '')} |")
    yield ""


def _told(found: Sequence[Quantity]) -> Sequence[Quantity]:
    """Without counts and settings: what has an error or a floor, or else all that is no whole number."""
    measured = [each for each in found if each.error is not None or each.floor is not None]
    return measured or [each for each in found if isinstance(each.value, float)]


def _training(source: Source, run: RunRecord | None) -> Iterator[str]:
    yield from ("## How it was trained", "")
    flags = source.description.metadata.get("flags") or {}
    if run:
        yield from (f"{run.progress} rounds in {run.minutes} minutes on {run.record.get('device')}; TensorFlow "
                    f"{run.record['versions'].get('tensorflow')}, revision {run.record.get('git_revision')}.", "")
        yield from ("```", shlex.join(map(str, run.record.get("command") or [])), "```", "")
    given = [f"--{name}={value}" for name, value in flags.items() if value is not None]
    yield from ("Flags:", "", "```", *given, "```")


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.2f} MB"


def _number(value: Any) -> str:
    return f"{value:.{_DIGITS}g}" if isinstance(value, (int, float)) else str(value)
