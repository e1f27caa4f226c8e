"""What images are generated from: noise, codes and classes, as registered calls."""

from gan_zoo.latents.blocks import Block
from gan_zoo.latents.classes import Classes, Label, label_of, present
from gan_zoo.latents.latent import Latent, build
from gan_zoo.latents.parts import latents

__all__ = ["Block", "Classes", "Label", "Latent", "build", "label_of", "latents", "present", "register"]

register = latents.register  # for a decorator outside of this package
