"""The network of the published FID: Inception of 2015-12-05, whose weights have to be put in place by hand."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from gan_zoo.data.pixel_cache import default_cache_dir
from gan_zoo.errors import UserError, check_choice, one_line
from gan_zoo.features.base import Features, Parts, features, in_parts

FILE, SIDE = "classify_image_graph_def.pb", 299
_ADDRESS = "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz"
_TOGETHER = 50  # images
_INPUT, _OUTPUT = "Mul:0", "pool_3:0"  # images in −1 … 1 of SIDE pixels; [N, 1, 1, 2048]


@features.register("inception")
@dataclass(frozen=True)
class Inception:
    """2048 pooled features of the Inception network of Heusel et al. 2017 (arXiv:1706.08500), for natural images.

    weights: its frozen graph, by default ~/.cache/gan_zoo/inception/classify_image_graph_def.pb. resize: "tf_gan",
    TensorFlow 1's bilinear without antialiasing, as of the published numbers, or "clean", Pillow's bicubic
    (arXiv:2104.11222); values of the two can't be compared.
    """

    weights: str = ""
    resize: str = "tf_gan"

    def __post_init__(self):
        check_choice("inception: resize", self.resize, RESIZINGS)
        if not isinstance(self.weights, str):
            raise UserError(f"inception: weights is the path of a file, as text, got {self.weights!r}")

    def fit(self, parts: Parts) -> Features:
        """Reads the weights; UserError if they are not there."""
        if not parts("train").has_pixels:
            raise UserError("inception is of images, and these data are points: take features='raw'")
        path = Path(self.weights).expanduser() if self.weights else default_cache_dir() / "inception" / FILE
        graph = _read(path)
        network, resize = _network(graph, path), RESIZINGS[self.resize]
        identity = hashlib.blake2b(graph + self.resize.encode(), digest_size=6).hexdigest()
        return Features(f"inception(resize={self.resize!r})",
                        in_parts(lambda images: network(resize(images)), _TOGETHER), identity)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"inception: {path} can't be read ({error.strerror}): the weights are not part of this "
                        f"package; put the {FILE} of {_ADDRESS} there") from None


def _network(graph: bytes, path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Images [N, 299, 299, 3], float32 in 0 … 255 → float32 [N, 2048]."""
    definition = tf.compat.v1.GraphDef()
    try:
        definition.ParseFromString(graph)
        with tf.Graph().as_default() as own:  # in a tf.function its old op for batch norm is refused
            images = tf.compat.v1.placeholder(tf.float32, [None, SIDE, SIDE, 3])
            (pooled,) = tf.graph_util.import_graph_def(definition, {_INPUT: images}, [_OUTPUT], name="")
    except Exception as error:  # of protobuf, or of the graph's
        raise UserError(f"inception: {path} is not the graph {FILE} of {_ADDRESS} ({one_line(error, most=80)}): delete "
                        "it, and put that there") from None
    session = tf.compat.v1.Session(graph=own)
    return lambda rows: session.run(pooled, {images: (rows - 128) / 128}).reshape(len(rows), -1)


def _colour(images: np.ndarray) -> np.ndarray:
    return np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images


def resized_as_tf_gan(images: np.ndarray) -> np.ndarray:
    """Uint8 [N, H, W, 1 or 3] → float32 [N, 299, 299, 3], 0 … 255: as tf.compat.v1.image.resize_bilinear does."""
    return tf.raw_ops.ResizeBilinear(images=_colour(images), size=[SIDE, SIDE]).numpy()


def resized_cleanly(images: np.ndarray) -> np.ndarray:
    """The same as clean-fid does, without rounding: values may lie a little beyond 0 and 255."""
    def one(plane: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(plane).resize((SIDE, SIDE), Image.Resampling.BICUBIC))

    planes = _colour(images).astype(np.float32).transpose(0, 3, 1, 2)
    return np.stack([[one(plane) for plane in image] for image in planes]).transpose(0, 2, 3, 1)


RESIZINGS = {"tf_gan": resized_as_tf_gan, "clean": resized_cleanly}
