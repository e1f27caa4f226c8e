"""What is measured: the export of a run, or real images in its place; and the real images to hold it against."""

import contextlib
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from gan_zoo import data
from gan_zoo.data.source import within_limits
from gan_zoo.data.splits import positions
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.export.model import Model
from gan_zoo.export.saved_model import DECODED_TOGETHER
from gan_zoo.game import LatentSample

RECORD = "run.json"
_MOST_VALIDATION = 10_000  # images


@dataclass(frozen=True)
class Candidate:
    """What is measured.

    title: for the table. experiment: its flags say which real images. generate, model, labels: as in metrics.Subject.
    image_shape: (H, W, C). facts: for the record.
    """

    title: str
    experiment: Experiment
    generate: Callable[[int], np.ndarray]
    image_shape: tuple[int, ...]
    model: Model | None = None
    facts: dict = field(default_factory=dict)
    labels: Callable[[int], np.ndarray] | None = None


def of_run(run_dir: str, seed: int, data_dir: str | None) -> Candidate:
    """The export in run_dir with its noise drawn from `seed` (int32). data_dir: instead of the run's own."""
    experiment = experiment_of(run_dir)
    if data_dir:
        experiment = replace(experiment, data_dir=data_dir)
    folder = Path(run_dir) / "export"
    if not folder.is_dir():
        raise UserError(f"--run_dir={run_dir} has no export yet: finish the run with python train.py "
                        f"--flagfile={Path(run_dir) / 'run.flags'}")
    try:
        model = Model.read(str(folder), "--run_dir")
    except UserError as error:
        raise UserError(str(error).replace("--run_dir=", "--run_dir: ", 1)) from None
    model.name = f"--run_dir={run_dir}"  # what was given, and not the folder in it
    return of_model(model, experiment, run_dir, model.description.metadata.get("step"), seed)


def of_model(model: Model, experiment: Experiment, name: str, step: int | None, seed: int) -> Candidate:
    """What a model generates from `seed`. experiment: that of its training, `step` rounds so far. name: for people."""
    if model.description.are_points:
        raise UserError(f"--run_dir={name} generates points: the metrics are of images")
    title = f"{name}, seed {seed}" if step is None else f"{name} at step {step:,}, seed {seed}"
    generated = Generated(model, seed)
    return Candidate(title, experiment, generated, model.description.image_shape, model, {"step": step, "seed": seed},
                     generated.labels if model.description.classes else None)


def experiment_of(run_dir: str, flag: str = "--run_dir") -> Experiment:
    """The flags in run.json, as far as this version knows them."""
    path = Path(run_dir) / RECORD
    try:
        written = dict(json.loads(path.read_text(encoding="utf-8"))["flags"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{flag}={run_dir} holds no {RECORD} with flags: name the folder of a run of "
                        "gan-zoo train, as in runs/NAME") from None
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
        """uint8 [count, H, W, C]."""
        parts = list(self._drawn(count).parts(DECODED_TOGETHER))
        self._blocks += [self.model.decode(part) for part in parts[len(self._blocks):]]
        return np.concatenate(self._blocks[:len(parts)])[:count]

    def labels(self, count: int) -> np.ndarray:
        """The classes that these images were asked to be, int32 [count]."""
        return self._drawn(count).labels[:count]

    def _drawn(self, count: int) -> LatentSample:
        """In whole batches, N ≥ count."""
        return self.model.draw(-(-count // DECODED_TOGETHER) * DECODED_TOGETHER, self.seed)


def of_real_images(dataset: str, split: str, data_dir: str | None) -> Candidate:
    """The real images of a split, in their order, as if they were generated; there are no more than it has."""
    experiment = Experiment(dataset=dataset, split=split, data_dir=data_dir)
    with _naming("--real"):
        source = data.locate(data.request(experiment))
    if not isinstance(source, data.Source):
        raise UserError(f"--dataset={dataset} draws points: the metrics are of images")

    @functools.cache
    def load() -> data.ImageDataset:
        return _images(data.load(data.request(experiment)), dataset)

    def generate(count: int) -> np.ndarray:
        return np.asarray(load().images[:count])

    def labels(count: int) -> np.ndarray:
        return np.asarray(load().labels)[:count]

    return Candidate(f"real images, {dataset} {split}", experiment, generate, source.image_shape,
                     labels=labels if source.class_names else None)


class RealImages:
    """The real images by their part, "train", "validation" or "test": found at once, decoded when wanted.

    splits: those of the parts. remark: what a reader has to know if scored images were trained on, else None.
    """

    def __init__(self, candidate: Candidate, test_split: str | None, validation_split: str | None):
        self._candidate = candidate
        trained = candidate.experiment.split
        source = data.locate(data.request(candidate.experiment))
        sizes = source.splits if isinstance(source, data.Source) else {}
        test = test_split or ("test" if "test" in sizes else trained)
        self.splits = {"train": trained, "validation": validation_split or _validation_split(sizes, trained),
                       "test": test}
        self.remark = _remark(trained, test, sizes)
        self._loaded: dict[str, data.ImageDataset] = {}
        for part in ("validation", "test"):
            with _naming(f"--{part}_split"):
                self._check_shape(part, data.locate(self._request(part)).image_shape)

    def load(self, part: str) -> data.ImageDataset:
        """The images of a part."""
        if part not in self._loaded:
            with _naming(f"--{part}_split"):
                self._loaded[part] = _images(data.load(self._request(part)), self._candidate.experiment.dataset)
        return self._loaded[part]

    def _request(self, part: str) -> data.DataRequest:
        """What the flags leave open is as in the images trained on, though a folder's pictures vary in size."""
        experiment, shape = self._candidate.experiment, self._candidate.image_shape
        changes: dict[str, Any] = {"split": self.splits[part]}
        if shape[0] == shape[1] == within_limits(shape[0]):
            changes |= {"image_size": experiment.image_size or shape[0], "channels": experiment.channels or shape[2]}
        return data.request(experiment, **changes)

    def _check_shape(self, part: str, real: tuple[int, ...]) -> None:
        generated = self._candidate.image_shape
        if real != generated:
            raise UserError(f"{self._candidate.title}: its images are {_by(generated)}, those of --{part}_split="
                            f"{self.splits[part]} are {_by(real)}: the export was not trained on the data that its "
                            f"{RECORD} names")


class GivenImages:
    """As RealImages, for a run on arrays: there is one part only, what was trained on."""

    def __init__(self, dataset: data.ImageDataset):
        self._dataset = dataset
        self.splits = dict.fromkeys(("train", "validation", "test"), "train")
        self.remark = "no held-out images: what is scored was trained on"

    def load(self, part: str) -> data.ImageDataset:
        """The images of any part."""
        return self._dataset


def _images(dataset: data.Dataset, name: str) -> data.ImageDataset:
    if not isinstance(dataset, data.ImageDataset):
        raise UserError(f"--dataset={name} draws points: the metrics are of images")
    return dataset


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _validation_split(sizes: dict[str, int], trained: str) -> str:
    """The last images of train, all if there are few, or those trained on if there is no train."""
    if "train" not in sizes:
        return trained
    return f"train[-{_MOST_VALIDATION}:]" if sizes["train"] > _MOST_VALIDATION else "train"


def _remark(trained: str, scored: str, sizes: dict[str, int]) -> str | None:
    """Counted before --classes leave any out."""
    try:
        seen = np.isin(positions(scored, sizes), positions(trained, sizes)).mean()
    except UserError:  # TFDS knows forms of splits that `positions` doesn't
        seen = float(scored == trained)
    if seen == 1:
        return f"no held-out images: all of {scored} is in {trained}, from which the samples come"
    return f"{seen:.0%} of {scored} is in {trained}, from which the samples come" if seen else None


@contextlib.contextmanager
def _naming(flag: str):
    """Makes an error about --split name the flag that the split came from."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace("--split", flag)) from None
