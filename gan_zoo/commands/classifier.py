"""Trains the classifier in whose features images are compared: `python -m gan_zoo classifier --dataset=mnist`."""

import time
from typing import Any

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import MOST, UserError
from gan_zoo.experiment import Experiment
from gan_zoo.quiet import quiet

_HELP = """python -m gan_zoo classifier --dataset=NAME [--flag=value …]

Trains the classifier of a dataset in whose features metrics compare images, or finds it where it is kept, and shows its
accuracy, its hash and its file. A metric that needs it trains it as well; this does it beforehand.

  --dataset=NAME         labelled images, as for gan-zoo train
  --data_dir=DIR         where prepared TensorFlow Datasets lie, or the folder of images
  --split=SPLIT          what to train on, of data without a split train
  --image_size=N --channels=N --fit=crop|pad|stretch --image_key=KEY --label_key=KEY
                         of the images, as in gan-zoo train; default: their own. Other sizes have their own classifier
  --seed=0               of its first weights and of the order of its images
  --help                 this text
"""
_TEXTS = ("dataset", "data_dir", "split", "fit", "image_key", "label_key")


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    parsed = parse(argv)
    if parsed is None:
        print(_HELP, end="")
        return
    experiment, seed = parsed
    with quiet():
        import tensorflow as tf

        from gan_zoo import data
        from gan_zoo.evaluation.parts import RealImages
        from gan_zoo.features.classifier import Classifier, kept_in

        tf.config.list_logical_devices()  # looking for a GPU is loud
        source = data.locate(data.request(experiment))
        if not isinstance(source, data.Source):
            raise UserError(f"--dataset={experiment.dataset} has points, and a classifier is of images")
        parts = RealImages(experiment, source.image_shape, experiment.dataset).load
    began = time.monotonic()
    space = Classifier(seed).fit(parts)
    seconds = time.monotonic() - began
    print(f"{parts('all').description}\n"
          f"accuracy {space.facts['accuracy']:.2%} on {space.facts['accuracy_on']}; {space}; {seconds:.0f} s\n"
          f"{kept_in(parts('all'), seed)}")


def parse(argv: list[str]) -> tuple[Experiment, int] | None:
    """(which data, seed), or None if the arguments ask for help."""
    values = flags.FlagValues()
    for name in _TEXTS:
        flags.DEFINE_string(name, None, "", flag_values=values)
    for name in ("image_size", "channels"):
        flags.DEFINE_integer(name, None, "", lower_bound=1, upper_bound=MOST, flag_values=values)
    flags.DEFINE_integer("seed", 0, "", lower_bound=0, upper_bound=2**31 - 1, flag_values=values)
    if not startup.read(values, argv):
        return None
    given: dict[str, Any] = {name: value for name in (*_TEXTS, "image_size", "channels")
                             if (value := values[name].value) not in (None, "")}
    if "dataset" not in given:
        raise UserError("name the data, as in --dataset=mnist")
    if "data_dir" in given:
        given["data_dir"] = startup.path("data_dir", given["data_dir"])
    return Experiment(**given), int(values["seed"].value or 0)
