"""One play of the game: every network runs at most once a pass, and draws what its example's place says."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.game import GAN, Examples, LatentSample
from gan_zoo.layers import Dropout, OneHot, SpectralNormalization
from gan_zoo.play import Play
from gan_zoo.randomness import Key
from gan_zoo.schedules.paths import linear

KEY = Key(3)("round")
IMAGE, SIZE = (1, 2, 3), 6
RANDOM = np.random.default_rng(0)
REAL = RANDOM.normal(size=(8, *IMAGE)).astype(np.float32)
NOISE = RANDOM.normal(size=(8, SIZE)).astype(np.float32)
REAL_LABELS, WANTED = (np.array(labels, np.int32) for labels in ([0, 1, 2, 2, 1, 0, 0, 1], [2, 2, 0, 1, 1, 1, 0, 0]))


class Counted(keras.layers.Layer):
    """The identity; it notes in which mode it was called."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def call(self, inputs, training=False):
        if tf.executing_eagerly():  # and not while a model is built of it
            self.calls.append(training)
        return inputs


def _gan(told: str = "") -> GAN:
    """Dropout everywhere, and features that are the pixels. told: the network that adds the class's number."""
    noise, images, features = keras.Input([SIZE]), keras.Input(IMAGE), keras.Input([SIZE])
    labels = keras.Input([], dtype="int32")
    number = keras.layers.Dense(1, use_bias=False, kernel_initializer=lambda shape, dtype: tf.range(3.0)[:, None])
    of_class = number(OneHot(3)(labels))
    generator = keras.Model(noise, keras.layers.Reshape(IMAGE)(Dropout(0.5)(Counted()(noise))))
    seen = Dropout(0.5)(keras.layers.Flatten()(Counted()(images)))
    said = keras.layers.Dense(1, kernel_initializer="ones")(features)
    body = keras.Model([images, labels], seen * 0 + of_class / SIZE) if told == "body" else keras.Model(images, seen)
    score = keras.Model([features, labels], said * 0 + of_class) if told == "score" else keras.Model(features, said)
    whole = keras.Model([images, labels], score([body(images), labels] if told == "score" else body(
        [images, labels]))) if told else keras.Model(images, score(body(images)))
    return GAN(generator=generator, body=body, heads={"score": score}, discriminator=whole)


def _play(rows=slice(None), gan=None, **kwargs) -> Play:
    real = Examples(tf.constant(REAL[rows]), tf.constant(REAL_LABELS[rows]))
    latent = LatentSample(tf.constant(NOISE[rows]), tf.constant(WANTED[rows]))
    return Play(gan or _gan(), real, latent, KEY, **kwargs)


def _calls(network) -> list:
    return next(layer.calls for layer in network.layers if isinstance(layer, Counted))


def test_nothing_runs_before_it_is_asked_for():
    play = _play()
    assert _calls(play.gan.generator) == _calls(play.gan.body) == []
    _ = play.real_scores
    assert (_calls(play.gan.generator), _calls(play.gan.body)) == ([], [True])


def test_every_pass_runs_once_and_in_training_mode():
    play = _play()
    for _ in range(2):
        assert play.generated.shape == (8, *IMAGE)
        assert play.generated_scores.shape == play.real_scores.shape == (8, 1)
        assert play.scores("again", play.real.images).shape == (8, 1)
        assert play.gradient("again").shape == (8, *IMAGE)
    assert _calls(play.gan.generator) == [True]
    assert _calls(play.gan.body) == [True] * 3


@pytest.mark.parametrize("side", ["real", "generated", "mixed"])
def test_other_images_under_an_old_name_are_an_error(side):
    play = _play()
    _ = play.real_scores, play.generated_scores, play.scores("mixed", play.mixed())
    with pytest.raises(ValueError, match=f"'{side}' names a pass on other images or labels: give this one another"):
        play.scores(side, tf.zeros([8, *IMAGE]))


def test_the_names_of_the_two_sides_cannot_be_taken():
    play = _play()
    play.scores("real", tf.zeros([8, *IMAGE]))
    with pytest.raises(ValueError, match="'real' names a pass on other images or labels"):
        _ = play.real_scores


@pytest.mark.parametrize("name", ["fake", "generator", "play"])
def test_a_stream_of_the_play_itself_cannot_be_taken(name):
    play = _play()
    with pytest.raises(ValueError, match=f"'{name}' is a random stream of the play itself"):
        play.scores(name, tf.constant(REAL))


def test_other_labels_under_an_old_name_are_an_error():
    play = _play(gan=_gan("score"))
    images = play.real.images
    play.scores("mixed", images, play.real.labels)
    with pytest.raises(ValueError, match="'mixed' names a pass on other images or labels"):
        play.scores("mixed", images, play.latent.labels)


def test_a_pass_that_there_was_not_is_an_error():
    play = _play()
    for ask in (play.gradient, play.parameters):
        with pytest.raises(ValueError, match=r"no images were scored under the name 'moved': call play.scores"):
            ask("moved")


def test_a_head_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="no head 'logits', only score: the objective has to say that it reads codes"):
        _ = _play().real_logits


def test_passes_draw_different_masks():
    """Generator, body on real, on generated and on other images: four streams."""
    ones = tf.ones([200, *IMAGE])
    play = Play(_gan(), Examples(ones), LatentSample(tf.ones([200, SIZE])), KEY)
    kept = [tf.reduce_sum(play.generated, [1, 2, 3]), play.real_scores[:, 0], play.scores("one", ones)[:, 0],
            play.scores("two", ones)[:, 0]]
    for index in range(4):
        assert np.abs(np.corrcoef(kept[index], kept[index - 1])[0, 1]) < 5 / 200**0.5
    alone = Play(_gan(), Examples(ones), LatentSample(tf.ones([200, SIZE])), KEY)
    np.testing.assert_array_equal(alone.scores("two", ones)[:, 0], kept[3])  # whatever else was asked before


@pytest.mark.parametrize("other", [{"step": 1}, {"rank": 1}])
def test_steps_and_replicas_draw_different_masks(other):
    assert not np.array_equal(_play().real_scores, _play(**other).real_scores)


def test_replicas_play_their_rows_of_the_global_batch():
    asked = {"generated": lambda play: play.generated, "real": lambda play: play.real_scores,
             "generated score": lambda play: play.generated_scores, "gradient": lambda play: play.gradient("real"),
             "mixed": lambda play: play.mixed(), "uniform": lambda play: play.uniform("a", [3, 2]),
             "normal": lambda play: play.normal("a"), "its score": lambda play: play.scores("mixed", play.mixed())}
    whole = _play(step=4)
    for name, ask in asked.items():
        parts = [ask(_play(slice(4 * rank, 4 * rank + 4), step=4, rank=rank)) for rank in (0, 1)]
        np.testing.assert_allclose(np.concatenate(parts), ask(whole), rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_scores_are_not_in_half_precision(policy):
    keras.config.set_dtype_policy(policy)
    assert _play().real_scores.dtype == tf.float32


@pytest.mark.parametrize("told", ["body", "score"])
def test_each_side_is_judged_with_its_own_labels(told):
    play = _play(gan=_gan(told))
    np.testing.assert_allclose(play.real_scores[:, 0], REAL_LABELS, atol=1e-6)
    np.testing.assert_allclose(play.generated_scores[:, 0], WANTED, atol=1e-6)
    np.testing.assert_allclose(play.scores("ones", play.generated, tf.ones([8], tf.int32))[:, 0], 1, atol=1e-6)


def test_random_numbers_have_a_row_for_each_real_image():
    play = _play(step=2)
    uniform, normal = play.uniform("a", [50, 4]), play.normal("a", [50, 4])
    assert uniform.shape == normal.shape == (8, 50, 4)
    assert uniform.dtype == normal.dtype == tf.float32
    assert 0 <= np.min(uniform) < 0.05 < 0.95 < np.max(uniform) < 1
    np.testing.assert_allclose([np.mean(normal), np.std(normal)], [0, 1], atol=5 / 1600**0.5)
    for other in (play.uniform("b", [50, 4]), _play(step=3).uniform("a", [50, 4])):
        assert np.isin(other, uniform).mean() < 0.01
    np.testing.assert_array_equal(play.uniform("a", [50, 4]), uniform)


def test_mixed_images_lie_between_the_pairs():
    play = _play()
    share = play.uniform("mixed", [1, 1, 1]).numpy()
    assert len(np.unique(share)) == 8
    np.testing.assert_allclose(play.mixed(), share * REAL + (1 - share) * play.generated.numpy(), rtol=1e-6)
    assert not np.allclose(play.mixed("other"), play.mixed())


def test_what_may_be_a_schedule_is_taken_at_the_step():
    play = _play(step=3, total=12)
    assert play.at(0.7) == 0.7
    np.testing.assert_allclose(play.at(linear(1, 5)), 2)
    np.testing.assert_allclose(play.at(linear(1, 5, steps=6)), 3)
    keras.config.set_floatx("float64")
    assert play.at(linear(1, 5)).dtype == tf.float64


def test_a_number_is_remembered_for_the_next_play():
    memory = {"length": keras.Variable(2.0, trainable=False)}
    play, weight = _play(memory=memory), tf.Variable(3.0)
    np.testing.assert_array_equal(play.memory("length"), 2)
    with tf.GradientTape() as tape:
        now = play.memory("length")
        play.remember("length", now * weight)
        loss = play.memory("length") * 1.0
    np.testing.assert_array_equal(_play(memory=memory).memory("length"), 6)
    np.testing.assert_array_equal(now, 2)  # a number, not the variable
    assert tape.gradient(loss, weight) is None


@pytest.mark.parametrize("nested", [False, True])
def test_layers_that_follow_their_weights_do_so_once_a_play(nested):
    """Spectral normalization's one power iteration a move, however many passes there are."""
    images, features = keras.Input(IMAGE), keras.Input([SIZE])
    layer = SpectralNormalization(keras.layers.Dense(SIZE, use_bias=False))
    inside = keras.Model(features, layer(features)) if nested else layer
    body = keras.Model(images, inside(keras.layers.Flatten()(images)))
    score = keras.Model(features, keras.layers.Dense(1)(features))
    gan = GAN(generator=_gan().generator, body=body, heads={"score": score}, discriminator=None)
    layer.layer.kernel.assign(np.random.default_rng(1).normal(size=[SIZE, SIZE]))
    matrix = layer.layer.kernel.numpy().T
    v = matrix.T @ layer.u.numpy()
    expected = matrix @ v / np.linalg.norm(matrix @ v)
    play = _play(gan=gan)
    before = layer.u.numpy()
    _ = play.real_scores, play.generated_scores, play.scores("more", play.mixed())
    np.testing.assert_allclose(layer.u, expected, atol=1e-5)
    assert np.abs(layer.u.numpy() - before).max() > 1e-3
