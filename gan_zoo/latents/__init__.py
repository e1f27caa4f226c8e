"""The generator's input: noise priors and codes, as registered calls."""

from gan_zoo.latents.latent import Classes, Latent, build, latents

__all__ = ["Classes", "Latent", "build", "latents"]
