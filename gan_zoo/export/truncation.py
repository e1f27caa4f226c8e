"""The truncation trick: noise nearer to the middle of its prior gives images that are more typical, and less various.

As BigGAN has it (Brock, Donahue, Simonyan 2018, arXiv:1809.11096, section 3.1): a number that lies further from the
mean than a threshold is drawn again until it does not. Here the threshold is in standard deviations of a normal prior,
and in half widths of a uniform one. (StyleGAN's psi, which moves towards a mean, is of another space, which these
generators don't have.)

No number is really drawn again: u = F(z) of a drawn z is uniform, so z' = F⁻¹(F(a) + u (F(b) − F(a))), between the ends
a and b, has the distribution that drawing again gives, and an image changes little as the threshold does. Of a uniform
prior that is the threshold times the distance to the middle.
"""

import numpy as np
import scipy.special
import tensorflow_probability as tfp

from gan_zoo import latents
from gan_zoo.errors import UserError, check_number
from gan_zoo.export.description import Description
from gan_zoo.latents.parts import Part

tfd = tfp.distributions


def truncated(noise: np.ndarray, about: Description, threshold: float) -> np.ndarray:
    """Noise float32 [N, Z] with all that is no code truncated. UserError if there is none, or it can't be done."""
    check_number("--truncation", threshold, above=0)
    codes = {column for code in about.codes for column in range(about.latent_size)[code.columns]}
    found, at = np.array(noise, np.float64), 0
    for part in _parts(about):
        columns = [column for column in range(at, at + part.size) if column not in codes]
        if columns:
            found[:, columns] = _nearer(found[:, columns], part, threshold)
        at += part.size
    if len(codes) == about.latent_size:
        raise UserError("--truncation: this export's latent is all codes, which --codes sets; leave it out")
    return found.astype(np.float32)


def _parts(about: Description) -> list[Part]:
    """What the noise is made of, by the flags that the export keeps."""
    spec = (about.metadata.get("flags") or {}).get("latent")
    if not isinstance(spec, str):
        raise UserError("--truncation: this export does not say what its noise is drawn from; leave it out")
    try:
        latent = latents.build(spec)
    except UserError as error:
        raise UserError(f"--truncation: --latent={spec} of this export can't be read here: {error}") from None
    if latent.size != about.latent_size:
        raise UserError(f"--truncation: --latent={spec} of this export has not the {about.latent_size} numbers of its "
                        "noise; leave it out")
    return latent.parts


def _nearer(values: np.ndarray, part: Part, threshold: float) -> np.ndarray:
    prior = part.distribution
    if isinstance(prior, tfd.Normal):
        mean, stddev = float(prior.loc), float(prior.scale)
        share = scipy.special.ndtr((values - mean) / stddev)
        tail = scipy.special.ndtr(-threshold)
        return mean + stddev * scipy.special.ndtri(tail + share * (1 - 2 * tail))
    if isinstance(prior, tfd.Uniform):
        middle = (float(prior.low) + float(prior.high)) / 2
        return middle + min(threshold, 1) * (values - middle)
    raise UserError(f"--truncation is for normal and uniform noise, not for {type(prior).__name__}; leave it out")
