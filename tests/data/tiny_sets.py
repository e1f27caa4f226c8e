"""Sets of TensorFlow Datasets, of a few images each."""

import numpy as np
import tensorflow_datasets as tfds

COUNT = 30


def grey(i):
    return np.full((10, 10, 1), i, np.uint8)


class _Tiny(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    VERSION = tfds.core.Version("1.0.0")
    features = None
    supervised = None

    def _info(self):
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(self.features),
                                     supervised_keys=self.supervised)

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(COUNT), "test": self._generate_examples(5)}

    def _generate_examples(self, count):
        for i in range(count):
            yield i, self.example(i)


class TinyGrey(_Tiny):
    features = {
        "another": tfds.features.Image(shape=(2, 2, 3)), "image": tfds.features.Image(shape=(10, 10, 1)),
        "label": tfds.features.ClassLabel(names=["zero", "one", "two"]), "text": tfds.features.Text(),
    }
    supervised = ("image", "label")

    def example(self, i):
        return {"another": np.zeros((2, 2, 3), np.uint8), "image": grey(i), "label": i % 3, "text": "x"}


class TinyRagged(_Tiny):
    features = {"picture": tfds.features.Image(shape=(None, None, 3))}

    def example(self, i):
        values = np.zeros((20, 40 + i, 3), np.uint8)
        values[:, 10 + i // 2:30 + i // 2] = (i, 255, 0)
        return {"picture": values}


class TinyDeep(_Tiny):
    features = {"image": tfds.features.Image(shape=(8, 8, 1), dtype=np.uint16)}

    def example(self, i):
        return {"image": np.full((8, 8, 1), 257 * i, np.uint16)}


class TinyPairs(_Tiny):
    """Two images, two labels and numbers, none of them supervised; of the numbers one is −1 in the test split."""

    features = {
        "picture": tfds.features.Image(shape=(8, 8, 1)), "mask": tfds.features.Image(shape=(8, 8, 1)),
        "kind": tfds.features.ClassLabel(names=["a", "b"]), "breed": tfds.features.ClassLabel(num_classes=3),
        "number": tfds.features.Scalar(np.int64), "identity": tfds.features.Scalar(np.int64)}

    def example(self, i):
        return {"picture": np.full((8, 8, 1), i, np.uint8), "mask": np.full((8, 8, 1), 200 + i, np.uint8),
                "kind": i % 2, "breed": i % 3, "number": i % 5, "identity": 1000 * i}


class TinyNumbers(_Tiny):
    """A label that is a number; in the test split two images have none."""

    features = {"alpha": tfds.features.Image(shape=(8, 16, 1)), "image": tfds.features.Image(shape=(8, 16, 1)),
                "label": tfds.features.Scalar(np.int32)}

    def _generate_examples(self, count):
        for i in range(count):
            image = np.full((8, 16, 1), i, np.uint8)
            yield i, {"alpha": image, "image": image, "label": -1 if count == 5 and i < 2 else i % 4}


class TinyText(_Tiny):
    features = {"text": tfds.features.Text()}

    def example(self, i):
        return {"text": "x"}


class TinyFailing(_Tiny):
    features = {"image": tfds.features.Image(shape=(8, 8, 1))}

    def _split_generators(self, dl_manager):
        raise ValueError("the checksum\nis wrong")
