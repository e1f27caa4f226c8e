"""The SavedModel's signatures against NumPy transcriptions of its networks; in other processes: test_processes."""

import re

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from gan_zoo import latents
from gan_zoo.experiment import Experiment
from gan_zoo.export import export, read_metadata
from gan_zoo.objectives.classic import NonSaturating
from tests.export.networks import PICTURES, SHAPE, an_export, decoded, normalizing, scores, small
from tests.helpers import trainer


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.rint((values + 1) * 127.5)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return an_export(tmp_path_factory.mktemp("exports") / "export")


def test_serving_default_is_the_generator_in_inference_mode(exported):
    noise = np.random.default_rng(3).normal(size=[6, 4]).astype(np.float32)
    served = exported.loaded.signatures["serving_default"](noise=tf.constant(noise))["images"]
    assert served.dtype == tf.float32
    np.testing.assert_allclose(served, decoded(exported.gan.generator, noise), atol=1e-5)
    assert np.abs(served - normalizing()(noise, training=True)).max() > 0.1  # the modes can be told apart


def test_generate_decodes_the_noise_to_bytes(exported):
    noise = exported.loaded.noise(num_images=300, seed=5)["noise"].numpy()  # more than one batch
    pictures = exported.loaded.generate(num_images=300, seed=5)["images"]
    assert (pictures.dtype, tuple(pictures.shape)) == (tf.uint8, (300, *SHAPE))
    expected = _bytes(decoded(exported.gan.generator, noise))
    assert np.abs(pictures.numpy() - expected).max() <= 1
    assert (pictures.numpy() == expected).mean() > 0.999


def test_without_a_seed_it_is_0_and_old_calls_are_as_they_were(exported):
    expected = exported.loaded.generate(num_images=3, seed=0)["images"]
    for images in (exported.loaded.generate(num_images=3), exported.loaded.generate(3), exported.loaded.generate(3, 0),
                   exported.loaded.signatures["generate"](num_images=tf.constant(3), seed=tf.constant(0))):
        np.testing.assert_array_equal(images["images"], expected)


def test_about_tells_the_range_of_values_and_that_there_are_no_classes(exported):
    for about in (exported.loaded.about(), exported.loaded.signatures["about"]()):
        np.testing.assert_array_equal(about["value_range"], np.float32([-1, 1]))
        assert about["value_range"].dtype == tf.float32
        assert (about["class_names"].dtype, about["class_names"].shape) == (tf.string, (0,))


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
    expected = scores(exported.gan, PICTURES)
    assert set(judged) == {"score", "probability"}
    assert {(value.dtype, tuple(value.shape)) for value in judged.values()} == {(tf.float32, (5, 1))}
    np.testing.assert_allclose(judged["score"], expected, atol=1e-5)
    np.testing.assert_allclose(judged["probability"], 1 / (1 + np.exp(-expected)), atol=1e-6)


def _judged(objective: str, path):
    """What the export of a game with that objective says of PICTURES, and their scores in float64."""
    exported = an_export(path, objective=objective)
    judged = exported.loaded.signatures["discriminate"](images=tf.constant(PICTURES))
    assert {(value.dtype, tuple(value.shape)) for value in judged.values()} == {(tf.float32, (5, 1))}
    return judged, scores(exported.gan, PICTURES)


@pytest.mark.parametrize(("objective", "value", "ratio"), [
    ('f_divergence("kl")', lambda v: v, lambda v: np.exp(v - 1)),
    ('f_divergence("js")', lambda v: np.log(2 / (1 + np.exp(-v))), np.exp),
    ('f_divergence("alpha", alpha=0.5) + hinge', lambda v: 2 - np.log1p(np.expm1(2) * np.exp(-v)),
     lambda v: (np.log1p(np.expm1(2) * np.exp(-v)) / 2) ** -2),
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
    gan = small(value_range=(0.0, 1.0))
    export(gan, latents.build("uniform(4)"), _Halved(), tmp_path / "e")
    loaded = tf.saved_model.load(str(tmp_path / "e"))
    score = scores(gan, (PICTURES / 255 + 1) * 127.5)
    judged = loaded.discriminate(PICTURES)
    np.testing.assert_allclose(judged["score"], score, atol=1e-5)
    np.testing.assert_allclose(judged["probability"], np.clip(score / 2, 0, 1), atol=1e-5)
    noise = loaded.noise(num_images=9, seed=0)["noise"].numpy()
    expected = np.rint(np.clip(decoded(gan.generator, noise), 0, 1) * 255)
    assert np.abs(loaded.generate(num_images=9, seed=0)["images"].numpy() - expected).max() <= 1


def test_a_sum_of_parts_keeps_its_order_and_its_prefix(tmp_path):
    loaded = an_export(tmp_path / "e", small(normalizing(5)), latent="normal(2, mean=50) + uniform(3, low=2, high=3)"
                       ).loaded
    noise = loaded.noise(num_images=100, seed=0)["noise"].numpy()
    assert noise[:, :2].min() > 40
    assert 2 <= noise[:, 2:].min() < noise[:, 2:].max() <= 3
    np.testing.assert_array_equal(loaded.noise(num_images=3, seed=0)["noise"], noise[:3])
    about = read_metadata(tmp_path / "e")
    assert (about.latent_size, about.spherical) == (5, False)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16", "float64"])
def test_any_precision_exports_as_single(tmp_path, dtype):
    gan = small(dtype=dtype)
    loaded = an_export(tmp_path / "e", gan).loaded
    noise = np.random.default_rng(3).normal(size=[6, 4]).astype(np.float32)
    served, judged = loaded.serving_default(noise)["images"], loaded.discriminate(PICTURES)
    assert {served.dtype, judged["score"].dtype, judged["probability"].dtype} == {tf.float32}
    tolerance = 1e-6 if dtype == "float64" else 0.06
    np.testing.assert_allclose(served, decoded(gan.generator, noise), atol=tolerance)
    np.testing.assert_allclose(judged["score"], scores(gan, PICTURES), atol=tolerance)
    assert loaded.generate(num_images=2, seed=0)["images"].dtype == tf.uint8


def test_another_generator_can_be_exported(tmp_path):
    average = normalizing(seed=9)
    noise = np.ones([1, 4], np.float32)
    loaded = an_export(tmp_path / "e", generator=average).loaded
    np.testing.assert_allclose(loaded.serving_default(noise)["images"], decoded(average, noise), atol=1e-5)


@pytest.mark.parametrize("packing", [2, 5])
def test_packed_images_get_one_score_together(tmp_path, packing):
    """Neighbours side by side in channels, as the discriminator was trained on them."""
    loaded = an_export(tmp_path / "e", small(packing=packing), objective="f_divergence('js')").loaded
    pictures = np.random.default_rng(4).integers(0, 256, [10, *SHAPE], np.uint8)
    judged = loaded.discriminate(pictures)
    side_by_side = np.stack([np.concatenate(pictures[first:first + packing], axis=-1)
                             for first in range(0, 10, packing)])
    assert {tuple(value.shape) for value in judged.values()} == {(10 // packing, 1)}
    np.testing.assert_allclose(judged["score"], scores(small(packing=packing), side_by_side), atol=1e-4)
    assert tuple(loaded.generate(num_images=3, seed=0)["images"].shape) == (3, *SHAPE)
    assert read_metadata(tmp_path / "e").packing == packing
    for _ in range(20):  # operations that don't wait for each other would fail now in one order, now in the other
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"images must come in packs of {packing}"):
            loaded.discriminate(pictures[:9])


def test_nothing_that_is_done_to_what_the_discriminator_sees_is_exported(tmp_path):
    """Neither augmentation nor noise, in generator and discriminator: what they answer is no chance."""
    experiment = Experiment(model="mlp(generator=[None, 6, None], discriminator=[None, 6, 1])", dataset="digits",
                            image_size=8, latent="normal(4)", batch_size=4, steps=1, augment="flip + color",
                            instance_noise="0.7", packing=2)
    trained = trainer(experiment)
    gan, pictures = trained.gan, trained.plan.data.images[:6]
    export(gan, trained.plan.latent, trained.plan.objective, tmp_path / "e")
    loaded = tf.saved_model.load(str(tmp_path / "e"))
    for name in ("serving_default", "discriminate"):
        operations = re.findall(r'op: "(\w+)"', str(loaded.signatures[name].graph.as_graph_def()))
        assert len(operations) > 5
        assert not [operation for operation in operations if "Random" in operation]
    noise = np.random.default_rng(3).normal(size=[6, 4]).astype(np.float32)
    np.testing.assert_allclose(loaded.serving_default(noise)["images"], gan.generator(noise), atol=1e-6)
    low, high = gan.value_range
    seen = (low + (high - low) * pictures / 255).reshape(3, 2, 8, 8).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(loaded.discriminate(pictures)["score"], gan.discriminator(seen), atol=1e-5)
