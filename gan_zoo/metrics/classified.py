"""What metrics of classes share: probabilities of the classes of generated images and of real ones."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gan_zoo.errors import UserError
from gan_zoo.features import Features
from gan_zoo.metrics.base import Result, Subject, enough
from gan_zoo.metrics.comparing import facts, sides


class Classified(NamedTuple):
    """Probabilities of the K classes, float32 [N, K], of generated, real, and standing-in images; and their classes.

    names: of the classes, "0" and so on if they have none. described: what a result tells of them.
    """

    generated: np.ndarray
    reference: np.ndarray
    stand_in: np.ndarray
    names: tuple[str, ...]
    described: Result


def has_classes(subject: Subject) -> bool:
    """Whether the images are of at least two classes, which a classifier can learn."""
    data = subject.load("all")
    return data.has_pixels and data.labels is not None and len(np.unique(data.labels)) > 1


def classified(metric: str, subject: Subject, spec: str | None, samples: int, fewest: int) -> Classified:
    """What the classifier of a feature space says of `samples` images; UserError, naming the metric, if it has none.

    spec: of the space, None for the data's own. fewest: images that the metric needs on either side.
    """
    if spec is None and not has_classes(subject):
        raise UserError(f"{metric}: it sorts images by their classes, but {subject.test.name} has none to learn: leave "
                        "it out, or take labelled data, as in --dataset=mnist")
    space = subject.space(spec)
    known = probability_space(metric, space)
    reference, generated, stand_in = sides(subject, samples)
    enough(metric, min(len(reference.images), len(generated)), fewest)
    sets = {"generated": generated, "reference": reference.images, "stand_in": stand_in.images}
    found = {what: subject.embedded(known, what, images) for what, images in sets.items()}
    described: Result = {"samples": len(generated), "real_images": len(reference.images), **facts(space)}
    return Classified(**found, names=class_names(subject, found["generated"].shape[1]), described=described)


def class_names(subject: Subject, count: int) -> tuple[str, ...]:
    """The names of `count` classes, their numbers where there is no name."""
    names = subject.load("all").class_names[:count]
    return (*names, *map(str, range(len(names), count)))


def probability_space(metric: str, space: Features) -> Features:
    """The space whose coordinates are the probabilities, so that metrics of the same images share the work.

    UserError, naming the metric, if there are none.
    """
    if space.classify is None:
        raise UserError(f"{metric}: the feature space {space.name} knows no classes: take features='classifier'")
    return replace(space, name=f"{space.name} probabilities", embed=space.classify)
