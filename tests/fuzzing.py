"""Any text gives a result or a UserError: what is tried, for the suite and for benchmarks.fuzz."""

import contextlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from gan_zoo import augmentation, data, latents, models, objectives
from gan_zoo.commands import flags as command_line
from gan_zoo.commands.names import check_names
from gan_zoo.data import datasets
from gan_zoo.errors import UserError, one_line
from gan_zoo.experiment import Experiment
from gan_zoo.experiment import flags as declared
from gan_zoo.objectives.f_divergence import divergences
from gan_zoo.registry import Registry, one_call
from gan_zoo.schedules import number_or_schedule, schedules
from gan_zoo.training.averaging import averages, build_average
from gan_zoo.training.players import optimizers, read_optimizer

FOUND = Path(__file__).with_name("fuzz_found.json")  # what once gave another exception, by entry

NUMBERS = st.one_of(
    st.integers(-3, 300).map(str), st.floats().map(repr), st.sampled_from([
        "0", "-0.0", "1e-45", "1e38", "3.4e38", "1e39", "1e999", "-1e999", "9" * 400, "-" + "9" * 30,
        "0x7fffffffffffffff", "4294967296", "1_000", "1j", "1e-9", "True", "False", "None", "...", "nan", "inf"]))
TEXTS = st.text(max_size=12)
ATOMS = NUMBERS | TEXTS.map(repr) | st.sampled_from(["'kl'", "'tanh'", "'relu'", "'x'", "b'x'", "[]", "()", "{}",
                                                     "set()", "name", "print(1)", "'digits'", "'\\ud800'", "'a\\0b'"])
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=4).map(lambda each: f"[{', '.join(each)}]")
                      | st.lists(inner, max_size=3).map(lambda each: f"({', '.join(each)},)")
                      | st.tuples(st.sampled_from(sorted(schedules)), st.lists(inner, max_size=3)).map(
                          lambda call: f"{call[0]}({', '.join(call[1])})"), max_leaves=4)
FRAGMENTS = st.lists(st.sampled_from([*"()[]{},=+-*:.'\"#\\…é\0\n\t", "**", "lambda ", "1", "1e5", "None", "f''",
                                      "dcgan", "normal", "adam", "linear(", "minimax + ", "name="]),
                     max_size=20).map("".join)


@st.composite
def _calls(draw, registry: Registry) -> str:
    """A call of a registered name whose arguments may be anything."""
    name = draw(st.sampled_from(sorted(registry)))
    known = [key for key in registry.hyperparameters(name) if key != "kwargs"]
    keys = st.none() | st.sampled_from(known) if known else st.none()
    arguments = draw(st.lists(st.tuples(keys, VALUES), max_size=3))
    texts = [value if key is None else f"{key}={value}" for key, value in arguments]
    return f"{name}({', '.join(texts)})" if texts else name


def _specs(registry: Registry):
    calls = _calls(registry)
    return st.one_of(calls, calls, calls, st.lists(calls, min_size=2, max_size=3).map(" + ".join), FRAGMENTS, TEXTS)


def _dataset(spec: str) -> Any:
    check_names(Experiment(dataset=spec))
    if re.match(r"\s*(ring|grid|moons|spiral|mixture_1d)\s*\(", spec):  # others ask TensorFlow Datasets and the network
        data.locate(data.request(Experiment(dataset=spec, download=False)))


def _model(spec: str) -> None:
    models.check(one_call(spec))


# flag → (the registry that it calls, what builds it)
_BUILDERS: dict[str, tuple[Registry, Callable[[str], Any]]] = {
    "model": (models.models, _model), "latent": (latents.latents, latents.build),
    "objective": (objectives.objectives, lambda spec: objectives.build(spec, (), True)),
    "generator_optimizer": (optimizers, lambda spec: read_optimizer("--generator_optimizer", spec).build(100)),
    "instance_noise": (schedules, lambda spec: number_or_schedule(spec, "--instance_noise", least=0)),
    "augment": (augmentation.augmentations, augmentation.build), "generator_average": (averages, build_average),
    "dataset": (datasets, _dataset),
}


def build_spec(case: list[str]) -> None:
    """case: a flag and its value."""
    flag, spec = case
    check_names(Experiment(**{flag: spec}))
    _BUILDERS[flag][1](spec)


LINES = st.one_of(
    st.tuples(st.sampled_from([item.name for item in declared()]), NUMBERS | TEXTS | FRAGMENTS).map(
        lambda pair: f"--{pair[0]}={pair[1]}"),
    st.sampled_from(["--flagfile=a.flags", "--flagfile=b.flags", "--flagfile=", "--flagfile=/dev/zero", "--help",
                     "--list", "--nodownload", "--seeds=1,2", "# a comment", "", "\ufeff", "--model=mlp",
                     "--model=wgan", "--flagfile=configs/dcgan.flags", "--flagfile=~nobody", "--lr=1",
                     "--flagfile=" + "x" * 300]),
    TEXTS, FRAGMENTS, TEXTS.map(lambda text: f"--{text}"))
FILES = st.one_of(st.lists(LINES, max_size=6).map("\n".join).map(lambda text: text.encode("utf-8", "surrogatepass")),
                  st.binary(max_size=40))


def read_flagfiles(case: list[str]) -> None:
    """case: two files, which may include each other, as Latin-1 texts of their bytes."""
    with _folder() as folder:
        for name, text in zip("ab", case, strict=True):
            (folder / f"{name}.flags").write_bytes(text.encode("latin-1"))
        for line in command_line.parse([f"--flagfile={folder / 'a.flags'}"]).experiment.to_flags():
            assert "\n" not in line


_NAMES = st.one_of(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8),
    st.sampled_from(["a", "1", "2", "10", "train", "test", ".hidden", "@eaDir", "Thumbs.db", "a b", "[x]", "*", "%s",
                     "-x", "~", "日本", "\udcff", "x" * 240])).filter(lambda name: name not in (".", ".."))
_ENDINGS = st.sampled_from([".png", ".PNG", ".jpg", ".gif", ".bmp", ".txt", "", ".webp"])
_PATHS = st.tuples(st.lists(_NAMES, max_size=2), _NAMES, _ENDINGS).map(lambda parts: [*parts[0], parts[1] + parts[2]])
TREES = st.tuples(_NAMES, st.lists(st.tuples(_PATHS, st.sampled_from(["grey", "colour", "wide", "empty", "text"])),
                                   max_size=5), st.sampled_from(["train", "train[:2]", "train[50%:]", "test", "x"]),
                  st.none() | _NAMES)


def _picture(shape: tuple[int, ...]) -> bytes:
    made = io.BytesIO()
    Image.fromarray(np.zeros(shape, np.uint8)).save(made, "PNG")
    return made.getvalue()


_CONTENTS = {"grey": _picture((8, 8)), "colour": _picture((9, 9, 3)), "wide": _picture((8, 20)), "empty": b"",
             "text": b"no picture"}


def read_folder(case: list) -> None:
    """case: the folder's name, (parts of a path, content) of each file, --split and --classes."""
    name, files, split, classes = case
    with _folder() as above:
        root = above / name
        root.mkdir()
        for parts, content in files:
            path = root.joinpath(*parts)
            with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_CONTENTS[content])
        asked = data.request(Experiment(dataset="folder", data_dir=str(root), split=split, classes=classes))
        data.load(asked, data.locate(asked))


@contextlib.contextmanager
def _folder():
    folder = tempfile.mkdtemp(prefix="gan_zoo_fuzz_")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Entry(NamedTuple):
    """cases: of JSON values. tried: what a case is given to, which returns or raises UserError."""

    cases: st.SearchStrategy
    tried: Callable[[list], None]


ENTRIES = {
    "specs": Entry(st.one_of(
        *(st.tuples(st.just(flag), _specs(registry)) for flag, (registry, _) in _BUILDERS.items()),
        st.tuples(st.just("objective"), _specs(divergences).map(lambda spec: f"f_divergence({spec!r})"))), build_spec),
    "flagfiles": Entry(st.tuples(FILES, FILES).map(lambda pair: [text.decode("latin-1") for text in pair]),
                       read_flagfiles),
    "folders": Entry(TREES, read_folder),
}


def attempt(entry: str, case: list) -> bool:
    """Whether there is a result. Raises what is no UserError, and AssertionError for one that is no good line."""
    try:
        ENTRIES[entry].tried(case)
        return True
    except UserError as error:
        line = one_line(error)
        assert len(line) < 2_100, line
        assert line.isprintable(), line
        line.encode()
        return False


def found() -> list[tuple[str, list]]:
    """The cases that were found, with their entries."""
    return [(entry, case) for entry, cases in json.loads(FOUND.read_text(encoding="utf-8")).items() for case in cases]


def write_found(cases: dict[str, list]) -> None:
    """Keeps cases, by entry, beside those that are kept."""
    kept = json.loads(FOUND.read_text(encoding="utf-8"))
    for entry, more in cases.items():
        kept[entry] = [*kept[entry], *(case for case in json.loads(json.dumps(more)) if case not in kept[entry])]
    lines = [f" {json.dumps(entry)}: [\n" + ",\n".join(f"  {json.dumps(case)}" for case in each) + "\n ]"
             for entry, each in kept.items()]
    FOUND.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
