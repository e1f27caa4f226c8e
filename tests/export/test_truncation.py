"""The truncation trick against SciPy's truncated normal distribution."""

import numpy as np
import pytest
from scipy import stats

from gan_zoo import latents
from gan_zoo.errors import UserError
from gan_zoo.export.description import Description
from gan_zoo.export.truncation import truncated


def _about(latent: str | None, size: int) -> Description:
    """What an export says of itself, whose flags are these, or that keeps none."""
    metadata = {} if latent is None else {"flags": {"latent": latent}}
    codes = latents.build(latent).blocks() if latent not in (None, "mine(3)") else ()
    return Description(size, True, (4, 4, 1), (-1.0, 1.0), codes, metadata=metadata)


def test_normal_noise_gets_the_distribution_that_drawing_again_gives():
    noise = np.random.default_rng(0).normal(3, 2, [50, 100]).astype(np.float32)
    for threshold in (0.2, 0.7, 3.0):
        found = truncated(noise, _about("normal(100, mean=3, stddev=2)", 100), threshold)
        assert found.dtype == np.float32
        assert np.abs(found - 3).max() <= 2 * threshold + 1e-5
        expected = stats.truncnorm(-threshold, threshold, loc=3, scale=2)
        assert stats.kstest(found.ravel(), expected.cdf).pvalue > 0.01
        order = np.argsort(noise.ravel())
        assert (np.diff(found.ravel()[order]) >= -1e-5).all()  # so an image changes little with the threshold
    np.testing.assert_allclose(truncated(noise, _about("normal(100, mean=3, stddev=2)", 100), 20), noise, rtol=1e-5)


def test_uniform_noise_is_drawn_to_its_middle_and_codes_stay():
    noise = np.random.default_rng(0).uniform(0, 1, [9, 5]).astype(np.float32)
    np.testing.assert_allclose(truncated(noise, _about("uniform(5, low=0, high=1)", 5), 0.5),
                               0.5 + 0.5 * (noise - 0.5), rtol=1e-6)
    np.testing.assert_array_equal(truncated(noise, _about("uniform(5, low=0, high=1)", 5), 2), noise)
    mixed = truncated(noise, _about("noise(2) + categorical(2, name='kind') + uniform(1, name='slant')", 5), 0.5)
    np.testing.assert_allclose(mixed[:, :2], 0.5 * noise[:, :2], rtol=1e-6)
    np.testing.assert_array_equal(mixed[:, 2:], noise[:, 2:])


@pytest.mark.parametrize(("latent", "size", "message"), [
    (None, 3, "does not say what its noise is drawn from"),
    ("mine(3)", 3, r"--latent=mine\(3\) of this export can't be read here"),
    ("normal(4)", 3, r"--latent=normal\(4\) of this export has not the 3 numbers"),
    ("categorical(3)", 3, "all codes")])
def test_what_can_not_be_truncated_is_said(latent, size, message):
    with pytest.raises(UserError, match=f"^--truncation: .*{message}"):
        truncated(np.zeros([1, size], np.float32), _about(latent, size), 0.5)
