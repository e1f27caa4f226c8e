"""The divergences of two distributions over a few atoms, and how they are related."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.objectives.f_divergence import divergences
from gan_zoo.registry import one_call
from tests.objectives.closed_forms import ATOMS, HELLINGER, JSD, KL, REVERSE_KL, P, Q

RELATIONS = {"weighted_js(0.5)": JSD, "alpha(0.5)": 2 * HELLINGER}
LIMITS = {"alpha(1.0001)": KL, "alpha(0.9999)": KL, "alpha(0.0001)": REVERSE_KL}


@pytest.mark.parametrize(("spec", "expected", "tolerance"), [
    *((spec, atoms.divergence, 1e-12) for spec, atoms in ATOMS.items()),
    *((spec, expected, 1e-12) for spec, expected in RELATIONS.items()),
    *((spec, expected, 1e-3) for spec, expected in LIMITS.items())])
def test_relations(spec, expected, tolerance):
    """Each divergence of P and Q by its definition or SciPy, and the α-divergence at its special places."""
    row = divergences.build(one_call(spec))
    np.testing.assert_allclose(np.sum(Q * row.f(tf.constant(P / Q))), expected, rtol=tolerance)
