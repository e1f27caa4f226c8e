"""What an export says of itself, as data: written beside the SavedModel, read by whatever uses it."""

import json
from dataclasses import dataclass, field
from typing import Any

from gan_zoo.errors import UserError, check_count, check_number, written
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
    packing: images that get one score. metadata: what the caller of export wanted kept. priors: what the numbers of
    noise are drawn from, as Latent.priors tells; () in an older export.
    """

    latent_size: int
    spherical: bool
    image_shape: tuple[int, int, int]
    value_range: tuple[float, float] | None
    codes: tuple[Block, ...] = ()
    classes: Classes | None = None
    packing: int = 1
    metadata: dict[str, Any] = field(default_factory=dict)
    priors: tuple[dict[str, Any], ...] = ()

    @property
    def are_points(self) -> bool:
        return self.value_range is None

    def to_json(self) -> str:
        """Raises ValueError for metadata that are no JSON."""
        latent: dict[str, Any] = {"size": self.latent_size, "spherical": self.spherical}
        if self.priors:
            latent["prior"] = list(self.priors)
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
                       packing, metadata, latent.priors())


def from_json(text: str, path) -> Description:
    """The inverse of to_json; UserError, beginning with the path, for what this version can't read."""
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not an export of gan_zoo: what it says of itself can't be read ({error})") from None
    known = about.get("format") if isinstance(about, dict) else None
    if known not in (FORMAT, _WITH_LABEL_IN_NOISE):
        raise UserError(f"{path} was exported by another version of gan_zoo: it has not format {FORMAT}")
    latent = about.get("latent")
    if known == _WITH_LABEL_IN_NOISE and isinstance(latent, dict) and latent.get("label"):
        raise UserError(f"{path} was exported by an older version of gan_zoo, which had the class in the noise: "
                        "call tf.saved_model.load(…).generate(num_images=…, seed=…, label=…), or train again")
    try:
        return _read(about)
    except UserError as error:
        raise UserError(f"{path} is not an export of gan_zoo: what it says of itself is wrong: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError(f"{path} is not an export of gan_zoo: what it says of itself is incomplete") from None


def _read(about: dict) -> Description:
    latent, low_high, metadata = about["latent"], about["value_range"], about["metadata"]
    size = check_count("latent.size", latent["size"])
    height, width, channels, *more = (check_count("image_shape", number) for number in about["image_shape"])
    _check("image_shape", about["image_shape"], "three numbers", not more)
    _check("latent.spherical", latent["spherical"], "true or false", isinstance(latent["spherical"], bool))
    if low_high is not None:
        low_high = tuple(check_number("value_range", number) for number in low_high)
        _check("value_range", list(low_high), "two numbers that rise", len(low_high) == 2 and low_high[0] < low_high[1])
    _check("metadata", metadata, "an object", isinstance(metadata, dict))
    if metadata.get("step") is not None:
        check_count("metadata.step", metadata["step"], 0)
    _check("metadata.flags", metadata.get("flags"), "an object", isinstance(metadata.get("flags") or {}, dict))
    priors = tuple(_prior(prior, size) for prior in latent.get("prior", ()))
    codes, classes = tuple(_code(code, size) for code in latent.get("codes", ())), _classes(latent.get("label"))
    return Description(size, latent["spherical"], (height, width, channels), low_high, codes, classes,
                       check_count("packing", about.get("packing", 1)), metadata, priors)


def _code(about: dict, latent_size: int) -> Block:
    code = Block(**about)
    _check("a code's name", code.name, "a text", isinstance(code.name, str))
    _check(f"{code.name}.discrete", code.discrete, "true or false", isinstance(code.discrete, bool))
    check_count(f"{code.name}.offset", code.offset, 0, latent_size - check_count(f"{code.name}.size", code.size))
    check_number(f"{code.name}.entropy_nats", code.entropy_nats)
    if code.discrete:
        check_count(f"{code.name}.values", code.values, 2)
    else:
        check_number(f"{code.name}.variance", code.variance, least=0)
        _check(f"{code.name}.values", code.values, "null", code.values is None)
    return code


def _prior(about: dict, latent_size: int) -> dict[str, Any]:
    _check("latent.prior", about, "objects with a distribution", isinstance(about["distribution"], str))
    end = latent_size - check_count("latent.prior.size", about["size"])
    check_count("latent.prior.offset", about["offset"], 0, end)
    for name in about.keys() - {"distribution"}:
        check_number(f"latent.prior.{name}", about[name])
    return dict(about)


def _classes(label: dict | None) -> Classes | None:
    if not label:
        return None
    count, names = check_count("label.values", label["values"]), tuple(label["class_names"])
    _check("label.class_names", list(names), f"{count} texts or none",
           all(isinstance(name, str) for name in names) and len(names) in (0, count))
    trained = tuple(check_count("label.classes", number, 0, count - 1) for number in label["classes"])
    _check("label.classes", list(trained), "numbers that rise", bool(trained) and trained == tuple(sorted({*trained})))
    return Classes(count, trained, names)


def _check(name: str, value, wanted: str, holds: bool) -> None:
    if not holds:
        raise UserError(f"{name} must be {wanted}, got {written(value)}")
