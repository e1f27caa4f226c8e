"""The truncation trick: noise nearer to the middle of its prior gives images that are more typical, and less various.

As BigGAN has it (Brock, Donahue, Simonyan 2018, arXiv:1809.11096, section 3.1): a number that lies further from the
mean than a threshold is drawn again until it does not. Here the threshold is in standard deviations of a normal prior,
and in half widths of a uniform one. (StyleGAN's psi, which moves towards a mean, is of another space, which these
generators don't have.)

No number is really drawn again: u = F(z) of a drawn z is uniform, so z' = F⁻¹(F(a) + u (F(b) − F(a))), between the ends
a and b, has the distribution that drawing again gives, and an image changes little as the threshold does. Of a uniform
prior that is the threshold times the distance to the middle.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.special

from gan_zoo.errors import UserError, check_number
from gan_zoo.export.description import Description
from gan_zoo.export.priors import priors


def truncated(noise: np.ndarray, about: Description, threshold: float) -> np.ndarray:
    """Noise float32 [N, Z] with all that is no code truncated. UserError if there is none, or it can't be done."""
    check_number("--truncation", threshold, above=0)
    codes = {column for code in about.codes for column in range(about.latent_size)[code.columns]}
    if len(codes) == about.latent_size:
        raise UserError("--truncation: this export's latent is all codes, which --codes sets; leave it out")
    found = np.array(noise, np.float64)
    try:
        known = priors(about)
    except UserError as error:
        raise UserError(f"--truncation: {error}; leave it out") from None
    for prior in known:
        columns = [column for column in range(prior["offset"], prior["offset"] + prior["size"]) if column not in codes]
        if columns:
            found[:, columns] = _nearer(found[:, columns], prior, threshold)
    return found.astype(np.float32)


def _nearer(values: np.ndarray, prior: Mapping[str, Any], threshold: float) -> np.ndarray:
    if {"mean", "stddev"} <= prior.keys():
        share = scipy.special.ndtr((values - prior["mean"]) / prior["stddev"])
        tail = scipy.special.ndtr(-threshold)
        return prior["mean"] + prior["stddev"] * scipy.special.ndtri(tail + share * (1 - 2 * tail))
    if {"low", "high"} <= prior.keys():
        middle = (prior["low"] + prior["high"]) / 2
        return middle + min(threshold, 1) * (values - middle)
    raise UserError(f"--truncation is for normal and uniform noise, not for {prior['distribution']}; leave it out")
