"""What generates: an export that was loaded, or live networks, by the same signatures."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import tensorflow as tf

from gan_zoo.errors import UserError, one_line
from gan_zoo.export.description import Description
from gan_zoo.export.saved_model import DECODED_TOGETHER, load, read_metadata
from gan_zoo.game import LatentSample
from gan_zoo.pixels import from_network
from gan_zoo.quiet import quiet

# What calling a signature of an export raises that is damaged, or was made by other hands.
_OF_A_STRANGE_GRAPH = (tf.errors.OpError, TypeError, ValueError, KeyError, AttributeError)


class Model:
    """A generator with its description. signatures: those of gan_zoo.export.saved_model, by name. name: for messages.

    loaded: what the signatures come from, which must outlive them. within: gives the context in which they are called,
    since live networks are traced in the precision of their run.
    """

    def __init__(self, description: Description, signatures: Mapping[str, Callable], name: str, loaded=None,
                 within: Callable[[], AbstractContextManager] = nullcontext):
        self.description, self.name = description, name
        self.signatures, self._loaded, self._within = signatures, loaded, within

    @classmethod
    def read(cls, path: str, flag: str) -> "Model":
        """The export at `path`; UserError, beginning with the flag that named it, if there is none to be read."""
        try:
            description, loaded = read_metadata(path), load(path)
        except UserError as error:
            raise UserError(f"{flag}={error}") from None
        return cls(description, loaded.signatures, f"{flag}={path}", loaded)

    def draw(self, count: int, seed: int) -> LatentSample:
        """What a seed gives: noise [N, Z], and classes int32 [N] if images have some."""
        with quiet():  # without AVX-512 oneDNN complains of integers, once a process
            drawn = self._call("noise", num_images=tf.constant(count), seed=tf.constant(seed))
        if {"noise", *(["label"] if self.description.classes else [])} - set(drawn):
            raise UserError(f"{self.name} is damaged, export it again: it does not draw what it says of itself")
        self._check("noise", drawn["noise"].shape, (count, self.description.latent_size))
        return LatentSample(*(drawn[name].numpy() for name in ("noise", "label") if name in drawn))

    def decode(self, latent: LatentSample) -> np.ndarray:
        """Images uint8 [N, H, W, C], or points float32 [N, 1, 1, D].

        UserError if what is generated is not finite, which no byte can show.
        """
        parts = []
        for part in latent.parts(DECODED_TOGETHER):
            given = {"noise": tf.constant(part.noise, tf.float32)}
            if part.labels is not None:
                given["label"] = tf.constant(part.labels, tf.int32)
            values = self._call("serving_default", **given).get("images", np.zeros([]))
            self._check("images", values.shape, (len(part.noise), *self.description.image_shape))
            if not self.description.are_points and not np.all(np.isfinite(values)):
                raise UserError(f"{self.name}: what the export generates is not finite; train again, with lower "
                                "learning rates or clipped gradients")
            parts.append(from_network(values, self.description.value_range).numpy())
        none = np.zeros([0, *self.description.image_shape], np.float32 if self.description.are_points else np.uint8)
        return np.concatenate([none, *parts])

    def recognize(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """What is recognized in images uint8 [N, H, W, C], by the names of the signature's outputs."""
        parts = [self._call("recognize", images=tf.constant(images[start:start + DECODED_TOGETHER]))
                 for start in range(0, len(images), DECODED_TOGETHER)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _call(self, signature: str, **given: tf.Tensor) -> dict[str, tf.Tensor]:
        try:
            with self._within():
                return self.signatures[signature](**given)
        except _OF_A_STRANGE_GRAPH as error:
            if self._loaded is None:
                raise
            raise UserError(f"{self.name} can't be run, its {signature} fails; export it again: "
                            f"{one_line(error, 300)}") from None

    def _check(self, what: str, shape: Sequence[int], wanted: Sequence[int]) -> None:
        if tuple(shape) != tuple(wanted):
            raise UserError(f"{self.name} is damaged, export it again: its {what} have the shape {list(shape)}, but it "
                            f"says of itself {list(wanted)}")
