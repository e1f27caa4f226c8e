"""The real images to hold generated ones against, by their part."""

import contextlib
from typing import Any, Protocol

import numpy as np

from gan_zoo import data
from gan_zoo.data.source import within_limits
from gan_zoo.data.splits import positions
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment

_MOST_VALIDATION = 10_000  # images


class Real(Protocol):
    """Real images: the splits of the parts "train", "validation", "test" and "all" (features.Parts).

    remark: what a reader has to know if scored images were trained on, else None. held_out: whether none was.
    has_pixels: whether they are images, and no points.
    """

    splits: dict[str, str]
    remark: str | None
    has_pixels: bool

    @property
    def held_out(self) -> bool: ...

    def load(self, part: str) -> data.Dataset:
        """The images of a part."""
        ...


class RealImages:
    """As Real, of what an experiment's flags name: found at once, decoded when wanted.

    title, image_shape: of what they are held against.
    """

    has_pixels = True

    def __init__(self, experiment: Experiment, image_shape: tuple[int, ...], title: str,
                 test_split: str | None = None, validation_split: str | None = None):
        self._experiment, self._shape, self._title = experiment, image_shape, title
        trained = experiment.split
        source = data.locate(data.request(experiment))
        sizes = source.splits if isinstance(source, data.Source) else {}
        test = test_split or ("test" if "test" in sizes else trained)
        self.splits = {"train": trained, "validation": validation_split or _validation_split(sizes, trained),
                       "test": test, "all": "train" if "train" in sizes else trained}
        self.remark = _remark(trained, test, sizes)
        self._loaded: dict[data.DataRequest, data.Dataset] = {}
        for part in ("validation", "test"):
            with naming(f"--{part}_split"):
                self._check_shape(part, data.locate(self._request(part)).image_shape)

    @property
    def held_out(self) -> bool:
        return self.remark is None

    def load(self, part: str) -> data.Dataset:
        """The images of a part."""
        request = self._request(part)
        if request not in self._loaded:
            with naming(f"--{part}_split" if part in ("validation", "test") else "--split"):
                self._loaded[request] = data.load(request, judged=True)
        return self._loaded[request]

    def _request(self, part: str) -> data.DataRequest:
        """What the flags leave open is as in the images trained on, though a folder's pictures vary in size."""
        experiment, shape = self._experiment, self._shape
        changes: dict[str, Any] = {"split": self.splits[part]}
        if part == "all":
            changes["classes"] = ()
        if shape[0] == shape[1] == within_limits(shape[0]):
            changes |= {"image_size": experiment.image_size or shape[0], "channels": experiment.channels or shape[2]}
        return data.request(experiment, **changes)

    def _check_shape(self, part: str, real: tuple[int, ...]) -> None:
        if real != self._shape:
            raise UserError(f"{self._title}: its images are {shape_text(self._shape)}, those of --{part}_split="
                            f"{self.splits[part]} are {shape_text(real)}: it was not trained on the data that its "
                            "flags name")


class GivenData:
    """As Real, of one set without splits: arrays that a run was trained on, or points of a known distribution."""

    held_out = False

    def __init__(self, dataset: data.Dataset):
        self._dataset = dataset
        self.splits = dict.fromkeys(("train", "validation", "test", "all"), "train")
        self.has_pixels = dataset.has_pixels
        self.remark = "no held-out images: what is scored was trained on" if dataset.has_pixels else None

    def load(self, part: str) -> data.Dataset:
        """The images of any part."""
        return self._dataset


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
        if scored != trained:
            return f"not known whether images of {scored} are in {trained}, from which the samples come"
        seen = 1.0
    if seen == 1:
        return f"no held-out images: all of {scored} is in {trained}, from which the samples come"
    return f"{seen:.0%} of {scored} is in {trained}, from which the samples come" if seen else None


@contextlib.contextmanager
def naming(flag: str, instead_of: str = "--split"):
    """Makes an error that names a flag name the one that its value came from."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace(instead_of, flag)) from None


def shape_text(shape: tuple[int, ...]) -> str:
    """As 28x28x1."""
    return "x".join(map(str, shape))
