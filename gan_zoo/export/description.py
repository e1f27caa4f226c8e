"""What an export says of itself, as data: written beside the SavedModel, read by whatever uses it."""

import json
from dataclasses import dataclass, field
from typing import Any

from gan_zoo.errors import UserError
from gan_zoo.latents import Block, Label, Latent

FORMAT = 2
_WITH_LABEL_IN_NOISE = 1  # exports of that format are the same, but for those with a label


@dataclass(frozen=True)
class Classes:
    """What images may be asked for. count: classes in all, 0 … count − 1. trained: those that the data had, ascending.

    names: of all, or ().
    """

    count: int
    trained: tuple[int, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """An export's own account.

    latent_size: numbers of noise. spherical: whether noise is interpolated along an arc. codes: where they stand in
    it. classes: of the images, or None. value_range: of pixels, None where images are points. image_shape: (H, W, C).
    packing: images that get one score. metadata: what the caller of export wanted kept.
    """

    latent_size: int
    spherical: bool
    image_shape: tuple[int, int, int]
    value_range: tuple[float, float] | None
    codes: tuple[Block, ...] = ()
    classes: Classes | None = None
    packing: int = 1
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def are_points(self) -> bool:
        return self.value_range is None

    def to_json(self) -> str:
        """Raises ValueError for metadata that are no JSON."""
        latent: dict[str, Any] = {"size": self.latent_size, "spherical": self.spherical}
        if self.codes:
            latent["codes"] = [code.as_dict() for code in self.codes]
        if self.classes:
            latent["label"] = {"values": self.classes.count, "classes": list(self.classes.trained),
                               "class_names": list(self.classes.names)}
        about = {"format": FORMAT, "latent": latent, "value_range": self.value_range and list(self.value_range),
                 "image_shape": list(self.image_shape), "packing": self.packing, "metadata": self.metadata}
        return json.dumps(about, indent=2, allow_nan=False) + "\n"


def describe(latent: Latent, label: Label | None, image_shape, value_range, packing: int,
             metadata: dict) -> Description:
    """The description of what is exported."""
    classes = Classes(label.size, label.classes, label.names) if label else None
    return Description(latent.size, bool(latent.spherical), tuple(image_shape),
                       value_range and (float(value_range[0]), float(value_range[1])), latent.blocks(), classes,
                       packing, metadata)


def from_json(text: str, path) -> Description:
    """The inverse of to_json; UserError, beginning with the path, for what this version can't read."""
    try:
        about = json.loads(text)
    except ValueError as error:
        raise UserError(f"{path} is not an export of gan_zoo: what it says of itself can't be read ({error})") from None
    known = about.get("format") if isinstance(about, dict) else None
    if known not in (FORMAT, _WITH_LABEL_IN_NOISE):
        raise UserError(f"{path} was exported by another version of gan_zoo: it has not format {FORMAT}")
    try:
        if known == _WITH_LABEL_IN_NOISE and about["latent"].get("label"):
            raise UserError(f"{path} was exported by an older version of gan_zoo, which had the class in the noise: "
                            "call tf.saved_model.load(…).generate(num_images=…, seed=…, label=…), or train again")
        return _read(about)
    except (KeyError, TypeError, AttributeError):
        raise UserError(f"{path} is not an export of gan_zoo: what it says of itself is incomplete") from None


def _read(about: dict) -> Description:
    latent, label = about["latent"], about["latent"].get("label")
    classes = Classes(label["values"], tuple(label["classes"]), tuple(label["class_names"])) if label else None
    return Description(latent["size"], latent["spherical"], tuple(about["image_shape"]),
                       about["value_range"] and tuple(about["value_range"]),
                       tuple(Block(**code) for code in latent.get("codes", ())), classes, about.get("packing", 1),
                       about["metadata"])
