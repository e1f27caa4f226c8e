"""How divergences are named: specs, what is wrong with them, and their place in --list."""

import pytest
import tensorflow as tf

from gan_zoo.commands import listing as inspection
from gan_zoo.errors import UserError
from gan_zoo.objectives import f_divergence
from gan_zoo.objectives.f_divergence import divergences
from gan_zoo.registry import one_call


@pytest.mark.parametrize(("spec", "message"), [
    ("pearsons", "unknown divergence 'pearsons': did you mean 'pearson'?"),
    ("alpha", r"alpha needs its argument 'alpha', as in alpha\(alpha=…\)"),
    ("alpha(0)", "alpha must be a number above 0 and at most 100, got 0"), ("alpha(-1)", "at most 100, got -1"),
    ("alpha(101)", "alpha must be a number above 0 and at most 100, got 101"),
    ("alpha(1)", "alpha must not be 1: that is the limit kl"), ("alpha(1.0)", "alpha must not be 1"),
    ("alpha('x')", "alpha must be a number .*, got 'x'"), ("alpha(None)", "alpha must be a number .*, got None"),
    ("alpha(1e999)", "must be at most 3.4e38 in magnitude, .*, got inf"),
    ("weighted_js", "weighted_js needs its argument 'pi'"),
    ("weighted_js(0)", "pi must be a number above 0 and below 1, got 0"),
    ("weighted_js(1)", "pi must be a number above 0 and below 1, got 1"),
    ("weighted_js(3.14159)", "pi must be a number above 0 and below 1, got 3.14159"),
    ("kl(alpha=0.5)", "kl has no argument 'alpha'")])
def test_bad_specs(spec, message):
    with pytest.raises(UserError, match=message):
        divergences.build(one_call(spec))


def test_build():
    """By name and arguments; one that is not a number can only come from here."""
    assert f_divergence.build("alpha", alpha=2).f(tf.constant(3.0)) == 2
    with pytest.raises(UserError, match="alpha must be a number above 0 and at most 100, got nan"):
        f_divergence.build("alpha", alpha=float("nan"))


def test_the_listing_has_a_section_of_divergences():
    """Every one, with its arguments and a line of its own."""
    (section,) = [part for part in inspection.listing().split("\n\n") if part.startswith("divergences:\n")]
    lines = section.splitlines()[1:]
    calls, summaries = lines[::2], lines[1::2]
    assert {"  alpha(alpha)", "  kl()", "  weighted_js(pi)"} <= set(calls)
    assert {call.strip().partition("(")[0] for call in calls} == set(divergences)
    assert summaries[calls.index("  kl()")] == "      Kullback–Leibler, ∫ p log(p/q)."
    assert all(line.startswith("      ") and line.strip() for line in summaries)
