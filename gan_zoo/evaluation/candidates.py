"""What is measured: what a model generates, or images that stand in its place."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_zoo import data
from gan_zoo.errors import UserError
from gan_zoo.evaluation.parts import GivenData, Real, RealImages, naming, shape_text
from gan_zoo.evaluation.run_record import RECORD, read_run_record
from gan_zoo.experiment import Experiment
from gan_zoo.export.model import Model
from gan_zoo.export.saved_model import DECODED_TOGETHER, read_metadata
from gan_zoo.game import LatentSample
from gan_zoo.randomness import Key


class Drawn(NamedTuple):
    """What a seed gives. generate, labels, class_names: as in metrics.Subject."""

    generate: Callable[[int], np.ndarray]
    labels: Callable[[int], np.ndarray] | None = None
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """What is measured.

    title: for the table. experiment: its flags say which real images. image_shape: (H, W, C). drawn: by the seed.
    model: what generates, if it does. facts: for the record, as {"step": 500, "generator": "moving average"}.
    are_points: whether these are points, and no images.
    """

    title: str
    experiment: Experiment
    image_shape: tuple[int, ...]
    drawn: Callable[[int], Drawn]
    model: Model | None = None
    facts: dict = field(default_factory=dict)
    are_points: bool = False

    def real(self, test_split: str | None = None, validation_split: str | None = None) -> Real:
        """The real data to hold it against. UserError for splits of points, which have none, and for unlike data."""
        found, dataset = data.locate(data.request(self.experiment)), self.experiment.dataset
        if self.are_points == isinstance(found, data.Source):
            made, there = ("points", "images") if self.are_points else ("images", "points")
            raise UserError(f"{self.title} generates {made}, but --dataset={dataset} has {there}: name other data with "
                            "--dataset")
        if isinstance(found, data.Source):
            return RealImages(self.experiment, self.image_shape, self.title, test_split, validation_split)
        for flag, split in (("test_split", test_split), ("validation_split", validation_split)):
            if split:
                raise UserError(f"--{flag}={split} says nothing about --dataset={dataset}, which draws points: leave "
                                "it out")
        if found.image_shape != tuple(self.image_shape):
            raise UserError(f"{self.title}: it generates {shape_text(self.image_shape)}, but --dataset={dataset} draws "
                            f"{shape_text(found.image_shape)}")
        return GivenData(found)


def of_export(path: str, flag: str, experiment: Experiment, name: str) -> Candidate:
    """The export at `path`, which a flag named. experiment: says which real images. name: for people."""
    try:
        model = Model.read(path, flag)
    except UserError as error:
        raise UserError(str(error).replace(f"{flag}=", f"{flag}: ", 1)) from None
    model.name = f"{flag}={name}"  # what was given, and not the folder in it
    return of_model(model, experiment, name)


def of_model(model: Model, experiment: Experiment, name: str) -> Candidate:
    """What a model generates. experiment: says which real images. name: for people."""
    def drawn(seed: int) -> Drawn:
        generated = Generated(model, seed)
        classes = model.description.classes
        return Drawn(generated, generated.labels, tuple(classes.names)) if classes else Drawn(generated)

    step = model.description.metadata.get("step")
    title = name if step is None else f"{name} at step {step:,}"
    flags = model.description.metadata.get("flags") or {}
    averaged = not re.fullmatch(r"0*\.?0*", str(flags.get("generator_average", 0)))
    facts = {"step": step, "generator": "moving average" if averaged else "as trained"}
    return Candidate(title, experiment, model.description.image_shape, drawn, model, facts,
                     model.description.are_points)


def experiment_of_run(run_dir: str, flag: str = "--run_dir") -> Experiment:
    """The flags in run.json, as far as this version knows them."""
    path = Path(run_dir) / RECORD
    try:
        return _experiment(read_run_record(run_dir)["flags"], str(path))
    except UserError as error:
        raise UserError(f"{flag}={run_dir} holds no {RECORD} with flags ({error}): name the folder of a run of "
                        "gan-zoo train, as in runs/NAME") from None


def experiment_of_export(path: str, flag: str) -> Experiment:
    """The flags that an export remembers of its run."""
    try:
        written = read_metadata(path).metadata.get("flags")
    except UserError as error:
        raise UserError(f"{flag}={error}") from None
    if not isinstance(written, dict):
        raise UserError(f"{flag}={path} does not say what it was trained on: name the data with --dataset")
    return _experiment(written, path)


def _experiment(written: dict, path: str) -> Experiment:
    try:
        return Experiment(**{item.name: written[item.name] for item in fields(Experiment) if item.name in written})
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


class Generated:
    """count → the first `count` images of a seed, the same ones however many are asked for at a time."""

    def __init__(self, model: Model, seed: int):
        self.model, self.seed = model, seed
        self._blocks: list[np.ndarray] = []

    def __call__(self, count: int) -> np.ndarray:
        """uint8 [count, H, W, C], or points float32 [count, 1, 1, D]."""
        parts = list(self._drawn(count).parts(DECODED_TOGETHER))
        self._blocks += [self.model.decode(part) for part in parts[len(self._blocks):]]
        return np.concatenate(self._blocks[:len(parts)])[:count]

    def labels(self, count: int) -> np.ndarray:
        """The classes that these images were asked to be, int32 [count]."""
        return self._drawn(count).labels[:count]

    def _drawn(self, count: int) -> LatentSample:
        """In whole batches, N ≥ count."""
        return self.model.draw(-(-count // DECODED_TOGETHER) * DECODED_TOGETHER, self.seed)


def of_real_images(named: Experiment, split: str) -> Candidate:
    """The real images of a split as if they were generated, in an order that the seed gives; or points drawn anew."""
    points = data.locate(data.request(named))
    if not isinstance(points, data.Source):
        if split != named.split:
            raise UserError(f"--real={split} says nothing about --dataset={named.dataset}, which draws points: write "
                            f"--real={named.split}, which draws others")
        title = f"real points, {named.dataset}"
        return Candidate(title, named, points.image_shape, functools.partial(_points, points),
                         facts={"generator": title}, are_points=True)
    experiment = replace(named, split=split)
    with naming("--real"):
        source = data.locate(data.request(experiment))
    return _of_images(f"real images, {named.dataset} {split}", experiment, source.image_shape,
                      functools.cache(lambda: data.load(data.request(experiment), judged=True)))


def _points(dataset: data.Dataset, seed: int) -> Drawn:
    fetch = dataset.reader(Key(seed)("real_points"), DECODED_TOGETHER)

    def generate(count: int) -> np.ndarray:
        return np.concatenate([fetch(index) for index in range(-(-count // DECODED_TOGETHER))])[:count]

    return Drawn(generate)


def of_folder(path: str, experiment: Experiment) -> Candidate:
    """Anyone's images in a folder, held against the data of `experiment`; they are not resized."""
    asked = data.request(Experiment(dataset="folder", data_dir=path))
    real = data.locate(data.request(experiment))
    with naming("--generated", "--data_dir"):
        found = data.load(asked)
    if found.image_shape != real.image_shape:
        raise UserError(f"--generated={path} holds images of {shape_text(found.image_shape)}, but those of --dataset="
                        f"{experiment.dataset} are {shape_text(real.image_shape)}: give both one size, with "
                        "--image_size and --channels")
    return _of_images(f"images in {path}", experiment, found.image_shape, lambda: found,
                      {"generator": f"images in {path}", "generated_fingerprint": found.fingerprint})


def _of_images(title: str, experiment: Experiment, image_shape, load: Callable[[], data.Dataset],
               facts: dict | None = None) -> Candidate:
    def drawn(seed: int) -> Drawn:
        images = load()
        order = np.random.default_rng(seed % 2**32).permutation(len(images.images))
        labels = images.labels
        return Drawn(lambda count: np.asarray(images.images[order[:count]]),
                     None if labels is None else lambda count: np.asarray(labels)[order[:count]],
                     tuple(images.class_names))

    return Candidate(title, experiment, image_shape, drawn, facts=facts or {"generator": title})
