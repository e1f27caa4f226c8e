"""The classes of generated images: by hand, against drawing, and where there is nothing to sort by."""

import numpy as np
import pytest

from gan_zoo import metrics
from gan_zoo.errors import UserError
from gan_zoo.metrics.classes import class_divergence, class_ratios, worst_class
from tests.metrics.sorted_images import EVEN, NAMES, SURE, data, measured, subject


def test_kl_by_hand():
    """p = (1/2, 1/4, 1/4, 0) against uniform: log 4 − 3/2 log 2; half counts leave uniform as it is."""
    value, _ = class_divergence(np.array([200, 100, 100, 0]), np.full(4, 500))
    assert value == pytest.approx(np.log(4) - 1.5 * np.log(2))


def test_kl_of_one_class_is_that_of_its_share():
    value, error = class_divergence(np.array([0, 1000]), np.array([100, 300]))
    assert value == pytest.approx(-np.log(300.5 / 401))
    assert error == pytest.approx(np.sqrt((401 / 300.5 - 1) / 400 - (1 / 1000 + 1 / 400) ** 2 / 2))


def test_kl_against_a_class_that_real_images_lack_is_finite():
    value, error = class_divergence(np.array([10, 0]), np.array([0, 99]))
    assert value == pytest.approx(np.log(200))
    assert np.isfinite(error)


@pytest.mark.parametrize(("generated", "within"), [([0.1, 0.2, 0.3, 0.4], 0.2), ([0.4, 0.4, 0.1, 0.1], 0.08)],
                         ids=["as real", "other"])
def test_its_error_is_the_spread_of_other_draws(generated, within):
    rng, real = np.random.default_rng(0), [0.1, 0.2, 0.3, 0.4]
    found = np.array([class_divergence(rng.multinomial(2000, generated), rng.multinomial(1000, real))
                      for _ in range(1500)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=within)


def test_the_error_of_the_worst_class_too():
    rng = np.random.default_rng(0)
    found = [worst_class(rng.multinomial(2000, [0.05, 0.95]), rng.multinomial(1000, [0.2, 0.8])) for _ in range(1500)]
    classes, ratios, errors = zip(*found, strict=True)
    assert set(classes) == {0}
    assert np.mean(errors) == pytest.approx(np.std(ratios), rel=0.08)


def test_a_class_that_real_images_lack_is_not_the_worst():
    ratios = class_ratios(np.array([30, 0, 10]), np.array([10, 0, 10]))
    np.testing.assert_allclose(ratios, [1.5, np.nan, 0.5])
    assert worst_class(np.array([30, 0, 10]), np.array([10, 0, 10]))[:2] == (2, 0.5)


def test_the_whole_metric():
    """400 images: foxes are missing, eels have a tenth of their share; the real ones are even."""
    found = measured("classes(samples=400)", subject([0] * 200 + [1] * 190 + [2] * 10))
    assert (found["worst_class"], found["worst_class_name"]) == (0, "fox")
    assert (found["classes_captured"], found["classes"]) == (2, 4)
    assert found["class_kl"] == pytest.approx(0.5 * np.log(2) + 0.475 * np.log(1.9) + 0.025 * np.log(0.1))
    assert found["confidence"] == pytest.approx(SURE)
    assert found["confidence_standard_error"] == pytest.approx(0, abs=1e-6)
    assert (found["class_kl_floor"], found["worst_class_floor"], found["classes_captured_floor"]) == (
        pytest.approx(0, abs=1e-12), 1, 4)
    assert (found["features"], found["features_accuracy"]) == ("classifier 1a2b", 0.99)
    assert (found["samples"], found["real_images"]) == (400, 400)
    picture = found["class_counts"]
    np.testing.assert_array_equal(picture.counts, [[200, 190, 10, 0], [100, 100, 100, 100]])
    assert (picture.row_names, picture.column_names) == (("generated", "real"), NAMES)


def test_a_generator_as_good_as_the_data():
    found = measured("classes", subject(np.arange(400) % 4))
    assert (found["class_kl"], found["worst_class"], found["classes_captured"]) == (pytest.approx(0, abs=1e-12), 1, 4)


def test_the_data_may_be_uneven():
    """A tenth of the real images are foxes, and of the generated ones: nothing is missing."""
    uneven = np.repeat([0, 1, 2, 3], [120, 120, 120, 40])
    found = measured("classes", subject(uneven, data(uneven)))
    assert (found["worst_class"], found["classes_captured"]) == (pytest.approx(1), 4)
    assert found["class_kl"] == pytest.approx(0, abs=1e-4)


def test_order_says_nothing():
    rows = np.random.default_rng(0).integers(0, 4, 400)
    found, other = (measured("classes", subject(made)) for made in (rows, np.sort(rows)))
    assert {key: value for key, value in found.items() if key != "class_counts"} == {
        key: value for key, value in other.items() if key != "class_counts"}


@pytest.mark.parametrize("metric", ["classes", "classifier_score"])
def test_only_labelled_images_suit(metric):
    suits = metrics.metrics[metric].suits
    assert suits(subject([0] * 20))
    assert not suits(subject([0]))
    assert not suits(subject([0] * 20, data([0, 1] * 9, labels=False)))
    assert not suits(subject([0] * 20, data([2] * 9)))


@pytest.mark.parametrize("metric", ["classes", "classifier_score"])
@pytest.mark.parametrize(("arguments", "of", "message"), [
    ("", subject([0] * 40, data([0, 1] * 9, labels=False)), "beasts has none to learn: leave it out, or take "),
    ("", subject([0] * 40, data([1] * 9)), "beasts has none to learn"),
    ("features='pca'", subject([0] * 40), "the feature space pca knows no classes: take features='classifier'"),
    ("", subject([0]), r" needs at least \d+ images on either side, here are 1")],
    ids=["no labels", "one class", "a space without", "few"])
def test_images_that_can_not_serve(metric, arguments, of, message):
    with pytest.raises(UserError, match=message) as caught:
        measured(f"{metric}({arguments})", of)
    assert str(caught.value).startswith(metric)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=1", "classes: samples must be"), ("samples=2000000", "classes: samples must be"),
    ("features='pcb'", "unknown feature space 'pcb'"), ("sample=3", "did you mean 'samples'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"classes({arguments})")


def test_what_a_space_has_classified_serves_both():
    of = subject(np.arange(400) % 4)
    measured("classes", of)
    of.spaces["classifier"] = of.spaces["classifier"].__class__(
        "classifier", of.spaces["classifier"].embed, "1a2b", {}, lambda images: pytest.fail("it was classified again"))
    assert measured("classifier_score", of)["classifier_score"] > 1


def test_no_image_is_measured_twice_if_all_were_trained_on():
    """Half of the real images are the reference then, and the others set the floor."""
    found = measured("classes", subject(np.arange(400) % 4, EVEN, held_out=False))
    assert (found["samples"], found["real_images"]) == (200, 200)
