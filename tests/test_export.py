"""The SavedModel against NumPy transcriptions of its networks; in other processes: test_export_processes."""

import os
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from gan_zoo import latents
from gan_zoo.errors import UserError
from gan_zoo.export import export, read_metadata
from gan_zoo.game import GAN
from gan_zoo.objectives import base
from gan_zoo.objectives.classic import NonSaturating

SHAPE = (4, 3, 1)


def _generator(size: int = 4, dtype="float32", seed: int = 0) -> keras.Model:
    """tanh(BN(z W + b)); the moving statistics are far from what any batch has."""
    rng = np.random.default_rng(seed)
    model = keras.Sequential([
        keras.Input([size]), keras.layers.Dense(12, dtype=dtype), keras.layers.BatchNormalization(dtype=dtype),
        keras.layers.Activation("tanh", dtype=dtype), keras.layers.Reshape(SHAPE, dtype=dtype)])
    for variable in model.variables:
        variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model


def _discriminator(dtype="float32") -> keras.Model:
    """The dropout doesn't act outside training."""
    model = keras.Sequential([
        keras.Input(SHAPE), keras.layers.Flatten(dtype=dtype), keras.layers.Dropout(0.5, dtype=dtype),
        keras.layers.Dense(1, dtype=dtype)])
    model.trainable_variables[0].assign(np.random.default_rng(1).normal(size=[12, 1]))
    return model


def decoded(generator: keras.Model, noise: np.ndarray) -> np.ndarray:
    w, b, gamma, beta, mean, variance = (v.numpy().astype(np.float64) for v in generator.variables)
    hidden = (noise @ w + b - mean) / np.sqrt(variance + generator.layers[1].epsilon) * gamma + beta
    return np.tanh(hidden).reshape(-1, *SHAPE)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.rint((values + 1) * 127.5)


def scores(discriminator: keras.Model, images: np.ndarray) -> np.ndarray:
    w, b = (v.numpy().astype(np.float64) for v in discriminator.trainable_variables)
    return (images / 127.5 - 1).reshape(len(images), -1) @ w + b


PICTURES = np.random.default_rng(2).integers(0, 256, [5, *SHAPE], np.uint8)


def an_export(path) -> SimpleNamespace:
    """Writes one, .path, of the networks .gan; .loaded again."""
    gan = GAN(_generator(), _discriminator())
    export(gan, latents.build("normal(4)"), base.build("non_saturating"), path, metadata={"step": 7})
    return SimpleNamespace(path=path, gan=gan, loaded=tf.saved_model.load(str(path)))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return an_export(tmp_path_factory.mktemp("exports") / "export")


def test_serving_default_is_the_generator_in_inference_mode(exported):
    noise = np.random.default_rng(3).normal(size=[6, 4]).astype(np.float32)
    served = exported.loaded.signatures["serving_default"](noise=tf.constant(noise))["images"]
    assert served.dtype == tf.float32
    np.testing.assert_allclose(served, decoded(exported.gan.generator, noise), atol=1e-5)
    assert np.abs(served - _generator()(noise, training=True)).max() > 0.1  # the modes can be told apart


def test_generate_decodes_the_noise_to_bytes(exported):
    noise = exported.loaded.noise(num_images=300, seed=5)["noise"].numpy()  # more than one batch
    pictures = exported.loaded.generate(num_images=300, seed=5)["images"]
    assert (pictures.dtype, tuple(pictures.shape)) == (tf.uint8, (300, *SHAPE))
    expected = _bytes(decoded(exported.gan.generator, noise))
    assert np.abs(pictures.numpy() - expected).max() <= 1
    assert (pictures.numpy() == expected).mean() > 0.999


def test_noise_follows_the_prior(exported):
    noise = exported.loaded.noise(num_images=2000, seed=0)["noise"].numpy()
    for column in noise.T:
        assert scipy.stats.kstest(column, "norm").pvalue > 1e-3
    assert np.abs(np.corrcoef(noise.T) - np.eye(4)).max() < 0.1
    assert len(np.unique(noise)) > 0.999 * noise.size  # no block repeats another


@pytest.mark.parametrize("count", [0, 1, 4, 64, 65, 130])
def test_an_image_does_not_depend_on_how_many_are_drawn(exported, count):
    many, few = (exported.loaded.noise(num_images=n, seed=1)["noise"].numpy() for n in (200, count))
    assert few.shape == (count, 4)
    np.testing.assert_array_equal(few, many[:count])
    pictures = exported.loaded.generate(num_images=count, seed=1)["images"].numpy()
    more = exported.loaded.generate(num_images=200, seed=1)["images"].numpy()[:count]
    assert pictures.shape == (count, *SHAPE)
    np.testing.assert_allclose(pictures, more, atol=1)


def test_seeds_differ_and_may_be_any_int32(exported):
    drawn = [exported.loaded.noise(num_images=1, seed=seed)["noise"].numpy().tobytes()
             for seed in (0, 1, -1, 2**31 - 1, -2**31)]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("function", ["noise", "generate"])
def test_a_negative_count_says_so(exported, function):
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_images must be 0 or more"):
        getattr(exported.loaded, function)(num_images=-1, seed=0)


def test_discriminate_scores_bytes(exported):
    judged = exported.loaded.discriminate(PICTURES)
    expected = scores(exported.gan.discriminator, PICTURES)
    assert set(judged) == {"score", "probability"}
    assert {(value.dtype, tuple(value.shape)) for value in judged.values()} == {(tf.float32, (5, 1))}
    np.testing.assert_allclose(judged["score"], expected, atol=1e-5)
    np.testing.assert_allclose(judged["probability"], 1 / (1 + np.exp(-expected)), atol=1e-6)


def _judged(objective: str, path):
    """What the export of a game with that objective says of PICTURES, and their scores in float64."""
    gan = GAN(_generator(), _discriminator())
    export(gan, latents.build("normal(4)"), base.build(objective), path)
    judged = tf.saved_model.load(str(path)).signatures["discriminate"](images=tf.constant(PICTURES))
    assert {(value.dtype, tuple(value.shape)) for value in judged.values()} == {(tf.float32, (5, 1))}
    return judged, scores(gan.discriminator, PICTURES)


@pytest.mark.parametrize(("objective", "value", "ratio"), [
    ('f_divergence("kl")', lambda v: v, lambda v: np.exp(v - 1)),
    ('f_divergence("js")', lambda v: np.log(2 / (1 + np.exp(-v))), np.exp),
    ('f_divergence("alpha", alpha=0.5) + hinge', lambda v: 2 - np.log1p(np.exp(-v)),
     lambda v: (np.log1p(np.exp(-v)) / 2) ** -2),
])
def test_an_f_gan_judges_by_its_divergence(tmp_path, objective, value, ratio):
    """T = g_f(V), the density ratio (f′)⁻¹(T) = p/q, and the probability p/(p + q)."""
    judged, expected = _judged(objective, tmp_path / "e")
    assert set(judged) == {"score", "probability", "variational_value", "density_ratio"}
    np.testing.assert_allclose(judged["score"], expected, atol=1e-5)
    np.testing.assert_allclose(judged["variational_value"], value(expected), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(judged["density_ratio"], ratio(expected), rtol=1e-4)
    np.testing.assert_allclose(judged["probability"], 1 / (1 + 1 / ratio(expected)), atol=1e-5)


def test_the_export_of_total_variation_has_no_ratio(tmp_path):
    judged, expected = _judged('f_divergence("total_variation")', tmp_path / "e")
    assert set(judged) == {"score", "probability", "variational_value"}
    np.testing.assert_allclose(judged["variational_value"], np.tanh(expected) / 2, atol=1e-5)
    np.testing.assert_allclose(judged["probability"], np.tanh(expected) / 2 + 0.5, atol=1e-5)


class _Halved(NonSaturating):
    def probability(self, scores):
        return tf.clip_by_value(scores / 2, 0.0, 1.0)


def test_the_objective_owns_the_probability_and_the_game_the_value_range(tmp_path):
    gan = GAN(_generator(), _discriminator(), value_range=(0.0, 1.0))
    export(gan, latents.build("uniform(4)"), _Halved(), tmp_path / "e")
    loaded = tf.saved_model.load(str(tmp_path / "e"))
    score = scores(gan.discriminator, (PICTURES / 255 + 1) * 127.5)
    judged = loaded.discriminate(PICTURES)
    np.testing.assert_allclose(judged["score"], score, atol=1e-5)
    np.testing.assert_allclose(judged["probability"], np.clip(score / 2, 0, 1), atol=1e-5)
    noise = loaded.noise(num_images=9, seed=0)["noise"].numpy()
    expected = np.rint(np.clip(decoded(gan.generator, noise), 0, 1) * 255)
    assert np.abs(loaded.generate(num_images=9, seed=0)["images"].numpy() - expected).max() <= 1


def test_a_sum_of_parts_keeps_its_order_and_its_prefix(tmp_path):
    export(GAN(_generator(5), _discriminator()), latents.build("normal(2, mean=50) + uniform(3, low=2, high=3)"),
           base.build("minimax"), tmp_path / "e")
    loaded = tf.saved_model.load(str(tmp_path / "e"))
    noise = loaded.noise(num_images=100, seed=0)["noise"].numpy()
    assert noise[:, :2].min() > 40
    assert 2 <= noise[:, 2:].min() < noise[:, 2:].max() <= 3
    np.testing.assert_array_equal(loaded.noise(num_images=3, seed=0)["noise"], noise[:3])
    assert read_metadata(tmp_path / "e")["latent"] == {"size": 5, "spherical": False}


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16", "float64"])
def test_any_precision_exports_as_single(tmp_path, dtype):
    gan = GAN(_generator(dtype=dtype), _discriminator(dtype))
    export(gan, latents.build("normal(4)"), base.build("non_saturating"), tmp_path / "e")
    loaded = tf.saved_model.load(str(tmp_path / "e"))
    noise = np.random.default_rng(3).normal(size=[6, 4]).astype(np.float32)
    served, judged = loaded.serving_default(noise)["images"], loaded.discriminate(PICTURES)
    assert {served.dtype, judged["score"].dtype, judged["probability"].dtype} == {tf.float32}
    tolerance = 1e-6 if dtype == "float64" else 0.06
    np.testing.assert_allclose(served, decoded(gan.generator, noise), atol=tolerance)
    np.testing.assert_allclose(judged["score"], scores(gan.discriminator, PICTURES), atol=tolerance)
    assert loaded.generate(num_images=2, seed=0)["images"].dtype == tf.uint8


def test_another_generator_can_be_exported(tmp_path):
    average = _generator(seed=9)
    export(GAN(_generator(), _discriminator()), latents.build("normal(4)"), base.build("minimax"), tmp_path / "e",
           generator=average)
    noise = np.ones([1, 4], np.float32)
    loaded = tf.saved_model.load(str(tmp_path / "e"))
    np.testing.assert_allclose(loaded.serving_default(noise)["images"], decoded(average, noise), atol=1e-5)


def test_metadata(exported):
    assert read_metadata(exported.path) == {
        "format": 1, "latent": {"size": 4, "spherical": True}, "value_range": [-1.0, 1.0],
        "image_shape": [4, 3, 1], "metadata": {"step": 7}}


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"format": 2}', b"\xff"])
def test_unreadable_metadata_is_a_users_error(tmp_path, text):
    if text is not None:
        (tmp_path / "assets.extra").mkdir()
        (tmp_path / "assets.extra/gan_zoo.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match=str(tmp_path)):
        read_metadata(tmp_path)


def _export_step(path, step, **kwargs):
    export(GAN(_generator(), _discriminator()), latents.build("normal(4)"), base.build("minimax"), path,
           metadata={"step": step}, **kwargs)


def test_a_new_export_takes_the_place_of_the_old(tmp_path):
    os.mkdir(tmp_path / "real")  # an empty folder is replaced too
    os.symlink("real", tmp_path / "link")
    for step in (1, 2):
        _export_step(f"{tmp_path}/link/", step)
        assert read_metadata(tmp_path / "real")["metadata"] == {"step": step}
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


def test_a_failed_export_leaves_the_old_one(tmp_path, monkeypatch):
    _export_step(tmp_path / "e", 1)

    def save_half(module, folder, signatures):
        os.makedirs(folder)
        Path(folder, "saved_model.pb").write_bytes(b"half")
        raise tf.errors.ResourceExhaustedError(None, None, "disk full")

    with monkeypatch.context() as patch:
        patch.setattr(tf.saved_model, "save", save_half)
        with pytest.raises(tf.errors.ResourceExhaustedError):
            _export_step(tmp_path / "e", 2)
    rename = os.rename

    def rename_old_only(source, target):
        if source.endswith(".partial"):
            raise OSError("no")
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", rename_old_only)
        with pytest.raises(OSError, match="no"):
            _export_step(tmp_path / "e", 3)
    assert read_metadata(tmp_path / "e")["metadata"] == {"step": 1}
    assert os.listdir(tmp_path) == ["e"]
    tf.saved_model.load(str(tmp_path / "e"))


def test_leftovers_of_a_killed_export_are_cleaned(tmp_path):
    for name in (".e.partial", ".e.old"):
        (tmp_path / name / "variables").mkdir(parents=True)
    _export_step(tmp_path / "e", 1)
    _export_step(tmp_path / "e", 2)
    assert os.listdir(tmp_path) == ["e"]


@pytest.mark.parametrize("folder", [True, False])
def test_what_is_no_export_is_never_replaced(tmp_path, folder):
    path = tmp_path / "thesis"
    if folder:
        path.mkdir()
    file = path / "chapter.txt" if folder else path
    file.write_text("years of work")
    with pytest.raises(UserError, match="thesis is in the way"):
        _export_step(path, 1)
    assert file.read_text() == "years of work"
    assert os.listdir(tmp_path) == ["thesis"]


def test_networks_that_do_not_fit_are_named(tmp_path):
    gan = GAN(_generator(5), _discriminator())
    with pytest.raises(ValueError, match="takes 5 numbers, the latent has 4"):
        export(gan, latents.build("normal(4)"), base.build("minimax"), tmp_path / "e")
    with pytest.raises(ValueError, match=r"must be \[B, H, W, C\]"):
        export(gan, latents.build("normal(12)"), base.build("minimax"), tmp_path / "e",
               generator=keras.Sequential([keras.Input([12]), keras.layers.Dense(3)]))
    assert os.listdir(tmp_path) == []
