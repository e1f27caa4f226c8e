"""Penalties on the slope of critics that one can differentiate by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import augmentation, objectives
from gan_zoo.errors import UserError
from gan_zoo.layers import Dropout
from tests import critics
from tests.critics import CURVES, REAL, ROWS, SIZE, SLOPES

RANDOM = np.random.default_rng(7)
KINDS = ("r1", "r2", "wgan_gp", "zero_centred", "dragan")


@pytest.fixture(autouse=True)
def _double():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")


def _spec(kind: str, weight="1.5", **arguments) -> str:
    own = f", kind={kind!r}" if not kind.startswith("r") else ""
    rest = "".join(f", {name}={value}" for name, value in arguments.items())
    return f"{'gradient_penalty' if own else kind}({weight}{own}{rest})"


def _term(spec: str):
    return objectives.build(f"hinge + {spec}").terms[1]


def _points(play, kind: str) -> np.ndarray:
    """Where the slope is looked at, [B, 6]."""
    if kind == "r1":
        images = REAL
    elif kind == "r2":
        images = play.generated
    elif kind == "dragan":
        noise = play.uniform("dragan", critics.IMAGE).numpy()
        images = REAL + play.uniform("dragan_share", [1, 1, 1]).numpy() * 0.5 * REAL.std() * noise
    else:
        share = play.uniform("mixed", [1, 1, 1]).numpy()
        images = share * REAL + (1 - share) * play.generated.numpy()
    return np.reshape(images, [-1, SIZE])


def _penalty(kind: str, x, weights=(*SLOPES, *CURVES)) -> float:
    """Of the critic Σ wᵢ xᵢ + cᵢ xᵢ², unweighted."""
    w, c = np.reshape(weights, [2, SIZE])
    squared = ((w + 2 * c * x) ** 2).sum(axis=1)
    return {"r1": squared / 2, "r2": squared / 2, "zero_centred": squared}.get(kind, (squared**0.5 - 1) ** 2).mean()


def _by_kernel(term, play):
    """The loss, and its gradient by the critic's 12 numbers."""
    kernel = play.gan.heads["score"].trainable_variables[0].value
    with tf.GradientTape() as tape:
        loss = term.discriminator_loss(play)
    return loss, tape.gradient(loss, kernel, unconnected_gradients="zero")


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_quadratic_critic(kind):
    term, play = _term(_spec(kind)), critics.quadratic()
    loss, by_kernel = _by_kernel(term, play)
    x, weights = _points(play, kind), np.array([*SLOPES, *CURVES])
    np.testing.assert_allclose(loss, 1.5 * _penalty(kind, x), rtol=1e-6)  # uniform numbers are float32
    steps = 1e-5 * np.eye(2 * SIZE)
    differences = [(_penalty(kind, x, weights + step) - _penalty(kind, x, weights - step)) / 2e-5 for step in steps]
    np.testing.assert_allclose(by_kernel[:, 0], 1.5 * np.array(differences), rtol=1e-5, atol=1e-7)
    shown = {name: float(value) for name, value in term.diagnostics(play).items()}
    norm = np.linalg.norm(critics.slopes(x), axis=1).mean()
    assert shown == pytest.approx({f"{kind}_penalty": float(loss), f"{kind}_gradient_norm": norm})
    assert term.generator_loss(play) == 0


@pytest.mark.parametrize(("kind", "penalty"), [("r1", 12.5), ("r2", 12.5), ("wgan_gp", 16), ("zero_centred", 25),
                                               ("dragan", 16)])
def test_of_a_linear_critic_with_a_slope_of_5(kind, penalty):
    loss = _term(_spec(kind, 2)).discriminator_loss(critics.linear([3, 0, 4, 0, 0, 0]))
    np.testing.assert_allclose(loss, 2 * penalty)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_of_a_critic_of_zeros_all_is_finite(dtype):
    """√ has no derivative at 0."""
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy(dtype)
    play = critics.linear(np.zeros(SIZE), real=np.float32(REAL), noise=np.float32(critics.NOISE))
    for kind in KINDS:
        loss, by_kernel = _by_kernel(_term(_spec(kind)), play)
        assert (loss.dtype, float(loss)) == (tf.float32, 1.5 if kind in ("wgan_gp", "dragan") else 0)
        np.testing.assert_array_equal(by_kernel, 0)


@pytest.mark.parametrize("spec", ["r1(linear(1, 0.1))", "gradient_penalty(linear(1, 0.1))"])
def test_a_weight_may_be_a_schedule(spec):
    play = critics.quadratic(step=5, total=10)
    half, whole = (_term(text).discriminator_loss(play) for text in (spec, spec.replace("linear(1, 0.1)", "1")))
    np.testing.assert_allclose(half, 0.55 * whole, rtol=1e-6)


class Counted(keras.layers.Layer):
    """The identity; counts how often it is run."""

    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0)

    def call(self, inputs):
        self.count.assign_add(1)
        return keras.ops.concatenate([inputs, inputs**2], axis=1)

    def compute_output_shape(self, shape):
        return (shape[0], 2 * shape[1])


@pytest.mark.parametrize(("kind", "arguments", "passes"), [
    ("r1", {}, 0), ("r2", {}, 0), ("wgan_gp", {}, 1), ("dragan", {}, 1), ("r1", {"approximate": 0.1}, 1)])
def test_a_lazy_one_is_as_strong_and_costs_nothing_between(kind, arguments, passes):
    """Of six rounds the first and the fourth have it, three times as much; shown is what was last measured."""
    layer = Counted()
    first = critics.play(layer, [*SLOPES, *CURVES])
    lazy, plain = _term(_spec(kind, every=3, **arguments)), _term(_spec(kind, **arguments))
    memory = {name: keras.Variable(start, trainable=False) for name, start in lazy.memory.items()}

    def play(step):
        return type(first)(first.gan, first.real, first.latent, first._key, step, memory=memory)

    @tf.function(autograph=False)
    def round_(step):
        played = play(step)
        return *_by_kernel(lazy, played), lazy.diagnostics(played)

    for step in range(6):
        before = int(layer.count)
        loss, by_kernel, shown = round_(tf.constant(step, tf.int64))
        assert int(layer.count) - before == 2 + (passes if step % 3 == 0 else 0)
        due = play(step - step % 3)
        expected, of_kernel = _by_kernel(plain, due)
        np.testing.assert_allclose(loss, 3 * expected * (step % 3 == 0), rtol=1e-10)
        np.testing.assert_allclose(by_kernel, 3 * of_kernel * (step % 3 == 0), rtol=1e-8, atol=1e-10)
        for name, value in plain.diagnostics(due).items():
            np.testing.assert_allclose(shown[name], value, rtol=1e-6)  # kept in single precision


def _many(make, **settings):
    """A game of 4,000 images about the first."""
    rows = RANDOM.normal(0, 0, size=(4000, *critics.IMAGE)) + REAL[0]
    return make(real=rows, noise=np.zeros([4000, SIZE]), **settings)


def test_the_first_order_form_of_a_linear_critic_is_exact_in_the_mean():
    """(w·ε)², whose mean is ‖w‖² and whose variance is 2 ‖w‖⁴."""
    play, squared = _many(critics.linear), SLOPES @ SLOPES
    term = _term("r1(2, approximate=0.05)")
    found = float(term.discriminator_loss(play))
    noise = play.normal("real_nudged_by_0.05", critics.IMAGE).numpy().reshape(-1, SIZE)
    np.testing.assert_allclose(found, ((noise @ SLOPES) ** 2).mean(), rtol=1e-9)
    assert found == pytest.approx(squared, abs=5 * (2 / 4000) ** 0.5 * squared)
    norm = float(term.diagnostics(play)["r1_gradient_norm"])
    assert norm == pytest.approx(squared**0.5, abs=5 * ((np.pi / 2 - 1) * squared / 4000) ** 0.5)


def test_the_first_order_form_of_a_quadratic_critic_is_too_large_by_its_curvature():
    """E(D(x + σε) − D(x))²/σ² = ‖g‖² + σ² (2 Σ c² + (Σ c)²)."""
    sigma, slope = 0.5, critics.slopes(REAL[0])[0]
    excess = sigma**2 * (2 * CURVES @ CURVES + CURVES.sum() ** 2)
    play = _many(critics.quadratic)
    term = _term(f"r1(2, approximate={sigma})")
    noise = sigma * RANDOM.normal(size=[100_000, SIZE])
    spread = (((noise @ slope + noise**2 @ CURVES) / sigma) ** 2).std() / 4000**0.5
    np.testing.assert_allclose(term.discriminator_loss(play), slope @ slope + excess, atol=5 * spread)


def test_its_two_passes_have_one_dropout():
    """With a mask m, D is (w ∘ m)·x, and the difference (w ∘ m)·σε."""
    play = critics.play(lambda x: Dropout(0.5)(x), SLOPES)
    kept = play.gradient("real").numpy().reshape(ROWS, SIZE)
    noise = play.normal("real_nudged_by_0.1", critics.IMAGE).numpy().reshape(ROWS, SIZE)
    assert 0 < np.sum(kept == 0) < kept.size
    np.testing.assert_allclose(_term("r1(2, approximate=0.1)").discriminator_loss(play),
                               ((kept * noise).sum(axis=1) ** 2).mean(), rtol=1e-9)


def test_with_packing_the_slope_is_that_of_the_packs_score():
    weights = np.arange(2.0 * SIZE)
    play = critics.play(lambda x: x, weights, packing=2,
                        view=lambda images, random, step: augmentation.packed(images, 2))
    for spec in ("r1(2)", "r2(2)", "gradient_penalty(1, 'zero_centred')"):
        np.testing.assert_allclose(_term(spec).discriminator_loss(play), weights @ weights)


def test_two_of_one_kind_add_up():
    play = critics.quadratic()
    for one in (_spec("wgan_gp"), _spec("dragan"), "r1(1.5)", "r2(1.5, approximate=0.1)"):
        both = objectives.build(f"hinge + {one} + {one}").discriminator_loss(play)
        alone = objectives.build("hinge").discriminator_loss(play)
        np.testing.assert_allclose(both - alone, 2 * _term(one).discriminator_loss(play), rtol=1e-9)


@pytest.mark.parametrize(("spec", "says"), [
    ("r1(-1)", "gamma must be a number at least 0, got -1"),
    ("r2(gamma=linear(1, -1))", r"gamma must be a number at least 0, got -1 in linear\(1, -1\)"),
    ("gradient_penalty(-10)", "weight must be a number at least 0, got -10"),
    ("gradient_penalty(every=0)", "every must be a whole number of at least 1, got 0"),
    ("r1(every=0.5)", "every must be a whole number of at least 1, got 0.5"),
    ("r1(approximate=0)", "approximate must be a number above 0, got 0"),
    ("gradient_penalty(kind='wgan-gp')", "unknown kind 'wgan-gp': did you mean 'wgan_gp'"),
    ("r1(every=2) + r1(every=3)", "two terms keep a number of the name r1_penalty: make one of them"),
])
def test_mistakes(spec, says):
    with pytest.raises(UserError, match=says):
        objectives.build(f"hinge + {spec}")


def test_a_term_says_whether_it_bounds_the_critic():
    for bounded in ("gradient_penalty", "hinge + r1(linear(0, 1))", "r2"):
        assert objectives.build(f"wasserstein + {bounded}").bounds_slope
    for free in ("wasserstein", "wasserstein + r1(0)", "wasserstein + consistency + feature_matching"):
        assert objectives.build(free).needs_bound
        assert not objectives.build(free).bounds_slope
    assert not objectives.build("hinge + r1").needs_bound
