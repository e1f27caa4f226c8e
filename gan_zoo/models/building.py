"""From a model's call to a GAN: the builder's generator and body, the heads on it, and the judging network."""

from typing import NamedTuple

import keras

from gan_zoo.errors import UserError
from gan_zoo.game import GAN
from gan_zoo.layers import OneHot, spectrally_normalized
from gan_zoo.models import heads
from gan_zoo.models.base import Networks, models
from gan_zoo.models.conditioning import Label
from gan_zoo.registry import Call


class Shape(NamedTuple):
    """What networks are made for.

    image_shape: (H, W, C). latent_size: numbers of noise, codes among them. code_parameters: how many a recognizer has
    to emit, 0 for none. num_classes: 0 of images without a class. classified: whether the discriminator has to name
    the class, and so is not told it. packing: images that are scored at once. spectral_norm: whether body and score
    keep each layer's largest singular value at 1 (arXiv:1802.05957).
    """

    image_shape: tuple[int, int, int]
    latent_size: int
    code_parameters: int = 0
    num_classes: int = 0
    classified: bool = False
    packing: int = 1
    spectral_norm: bool = False

    @property
    def told(self) -> int:
        """The classes that the discriminator is told of, 0 if it isn't."""
        return 0 if self.classified else self.num_classes


class _Inputs(NamedTuple):
    """The tensors that networks begin with; classes are int32 [B], None without any."""

    noise: keras.KerasTensor
    wanted: keras.KerasTensor | None
    images: keras.KerasTensor
    told: keras.KerasTensor | None


def check(call: Call) -> None:
    """Raises UserError for an unknown model or argument."""
    models.bind(call)


def build(call: Call, shape: Shape) -> GAN:
    """The GAN of a model's call, such as dcgan(width=32); UserError if the model can't be that."""
    inputs = _inputs(shape)
    networks = _built(call, shape, inputs)
    if len(networks.features.shape) != 2:
        raise ValueError(f"the features of {call.name} must be flat, [B, F], got {networks.features.shape}")
    if shape.told and shape.code_parameters and not networks.projects:
        raise UserError(f"{call.name} sees the label beside the pixels, so it can't recognize codes from the image "
                        "alone: let it name the label, with --objective='… + auxiliary_classifier', or take "
                        "--model=dcgan")
    body, judging = _body(networks, inputs), _heads(networks, shape)
    if shape.spectral_norm:
        body, judging["score"] = spectrally_normalized(body), spectrally_normalized(judging["score"])
    generator = keras.Model(_listed(inputs.noise, inputs.wanted), networks.generated, name="generator")
    return GAN(generator=generator, body=body, heads=judging, discriminator=_discriminator(body, judging["score"]),
               value_range=networks.value_range, packing=shape.packing)


def _inputs(shape: Shape) -> _Inputs:
    height, width, channels = shape.image_shape
    return _Inputs(keras.Input([shape.latent_size], name="noise"),
                   keras.Input([], dtype="int32", name="label") if shape.num_classes else None,
                   keras.Input([height, width, channels * shape.packing], name="images"),
                   keras.Input([], dtype="int32", name="label") if shape.told else None)


def _built(call: Call, shape: Shape, inputs: _Inputs) -> Networks:
    """What the builder makes. A builder that doesn't take the label meets it beside the noise and in the score."""
    wanted, told = (None if label is None else OneHot(shape.num_classes, name="one_hot")(label)
                    for label in (inputs.wanted, inputs.told))
    noise = inputs.noise
    takes_label = models.takes(call.name, "label")
    if wanted is not None and not takes_label:
        noise = keras.layers.Concatenate(name="noise_and_label")([noise, wanted])
    networks = models.build(call, image_shape=shape.image_shape, noise=noise, images=inputs.images,
                            label=Label(wanted, told))
    return networks if takes_label else networks._replace(projects=True)


def _body(networks: Networks, inputs: _Inputs) -> keras.Model:
    told = None if networks.projects else inputs.told
    return keras.Model(_listed(inputs.images, told), networks.features, name="body")


def _heads(networks: Networks, shape: Shape) -> dict[str, keras.Model]:
    """Made in this order, which is that of their initial weights."""
    judging = {"score": heads.score(networks, shape.told if networks.projects else 0)}
    if shape.code_parameters:
        judging["parameters"] = heads.recognizer(networks, shape.code_parameters)
    if shape.classified:
        judging["logits"] = heads.classifier(networks, shape.num_classes)
    return judging


def _discriminator(body: keras.Model, score: keras.Model) -> keras.Model:
    """Body and score as one network, images or [images, classes] → score."""
    images = keras.Input(body.inputs[0].shape[1:], name="images")
    label = keras.Input([], dtype="int32", name="label") if len(body.inputs) + len(score.inputs) > 2 else None
    features = body(_listed(images, label if len(body.inputs) > 1 else None))
    said = score(_listed(features, label if len(score.inputs) > 1 else None))
    return keras.Model(_listed(images, label), said, name="discriminator")


def _listed(tensor: keras.KerasTensor, label: keras.KerasTensor | None):
    return tensor if label is None else [tensor, label]
