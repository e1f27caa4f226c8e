"""A dataset from NumPy arrays, as a notebook has them."""

import numpy as np

from gan_zoo.data.image_dataset import ImageDataset, described
from gan_zoo.errors import UserError, one_line

_CONVERTED_TOGETHER = 1024  # images
_MOST_CLASSES = 100_000  # a label is a class's number, not any number


def from_arrays(images, labels=None, name: str = "arrays") -> ImageDataset:
    """Images in memory as a dataset; they are copied, so that what happens to the arrays afterwards changes nothing.

    images: [N, H, W] or [N, H, W, C] with C = 1 or 3: uint8, or finite floats in [0, 1] or, if any is negative, in
    [-1, 1]. labels: [N], integers from 0 on, whose classes are "0", "1", … up to the largest, or class names, whose
    numbers are their places in alphabetical order. Raises UserError for anything else.
    """
    array = _array("dataset", images, "images, uint8 or float [N, H, W] or [N, H, W, C]")
    _check_dtype(array.dtype)
    _check_shape(array.shape)
    pixels = _pixels(array if array.ndim == 4 else array[..., np.newaxis])
    if labels is None:
        return ImageDataset(name, pixels, description=described(name, pixels, None))
    numbers, names = _labels(labels, len(pixels))
    return ImageDataset(name, pixels, numbers, names, described(name, pixels, numbers))


def _array(argument: str, values, wanted: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except Exception as error:  # of whatever library made the values
        raise UserError(f"{argument} must be an array of {wanted}, got a {type(values).__name__} that is none "
                        f"({one_line(error, most=120)})") from error


def _check_dtype(dtype: np.dtype) -> None:
    hints = {"b": "convert it with images.astype('float32')", "i": "if it lies in 0 to 255, convert it with "
             "images.astype('uint8')", "O": "make one array of images that are all of one shape"}
    if dtype != np.uint8 and dtype.kind != "f":
        hint = hints.get("i" if dtype.kind == "u" else dtype.kind, "convert it to one of these")
        raise UserError(f"dataset must be of dtype uint8 (0 to 255) or a float (0 to 1, or -1 to 1), got {dtype}: "
                        f"{hint}")


def _check_shape(shape: tuple[int, ...]) -> None:
    shown = list(shape)
    if len(shape) not in (3, 4):
        raise UserError(f"dataset must have the shape [N, H, W] or [N, H, W, C], got {shown}: reshape it, as in "
                        "images.reshape(-1, 28, 28)")
    if not shape[0]:
        raise UserError(f"dataset has no images, its shape is {shown}: give at least one")
    if min(shape[1:3]) < 1:
        raise UserError(f"dataset has images without pixels, its shape is {shown}: their sides must be at least 1")
    if len(shape) == 4 and shape[3] not in (1, 3):
        hint = "move them to the end with np.moveaxis(images, 1, -1)" if shape[1] in (1, 3) else "keep 1 or 3 of them"
        raise UserError(f"dataset must have 1 (grey) or 3 (colour) channels in its last axis, but its shape is "
                        f"{shown}: {hint}")


def _pixels(array: np.ndarray) -> np.ndarray:
    """uint8 of the same shape; a copy."""
    if array.dtype == np.uint8:
        return np.array(array)
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise UserError("dataset has values that are not finite (NaN or infinity): leave out the images that hold them")
    if high > 1 or low < -1:
        raise UserError(f"dataset is of dtype {array.dtype}, whose values must lie in 0 to 1, or -1 to 1, but they lie "
                        f"in {low:g} to {high:g}: divide by 255, or convert them with images.astype('uint8')")
    pixels = np.empty(array.shape, np.uint8)
    for start in range(0, len(array), _CONVERTED_TOGETHER):
        part = array[start:start + _CONVERTED_TOGETHER].astype(np.float64)
        pixels[start:start + _CONVERTED_TOGETHER] = np.rint((part + 1) * 127.5 if low < 0 else part * 255)
    return pixels


def _labels(labels, count: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """(int32 [N], class names)."""
    array = _array("labels", labels, "integers or class names, [N]")
    if array.shape != (count,):
        raise UserError(f"labels must have the shape [{count}], one for each of the {count:,} images, got "
                        f"{list(array.shape)}{_LABEL_HINTS.get(array.ndim, '')}")
    if array.dtype.kind in "OUT" and all(isinstance(label, str) for label in array.tolist()):
        names, numbers = np.unique(array.astype(str), return_inverse=True)
        return numbers.astype(np.int32), tuple(names.tolist())
    numbers = _numbers(array)
    return numbers, tuple(str(number) for number in range(numbers.max() + 1))


_LABEL_HINTS = {2: ": if they are one-hot, give labels.argmax(axis=1)"}


def _numbers(array: np.ndarray) -> np.ndarray:
    """Labels that are numbers, int32 [N]."""
    if array.dtype.kind not in "iuf" or (array.dtype.kind == "f" and not np.array_equal(array, np.rint(array))):
        raise UserError(f"labels must be integers or class names, got {array.dtype} such as {array[0]!s:.40}: convert "
                        "them, as in labels.astype('int32')")
    if not (array.min() >= 0 and array.max() < _MOST_CLASSES):
        raise UserError(f"labels must be numbers of classes, 0 to {_MOST_CLASSES - 1}, but they lie in "
                        f"{array.min():g} to {array.max():g}: number the classes from 0, as in "
                        "np.unique(labels, return_inverse=True)[1]")
    return array.astype(np.int32)
