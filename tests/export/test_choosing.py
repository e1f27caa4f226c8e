"""A class and codes in latent points: blocks against those of gan_zoo.latents, and every mistake in one line."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import latents
from gan_zoo.errors import UserError
from gan_zoo.export import choosing as conditions
from gan_zoo.export import codes as exported_codes

CODED = latents.build("noise(2) + categorical(4, name='digit') + uniform(1, name='slant') + bernoulli(1, name='bold')")
CODES = {"size": CODED.size, "spherical": False, **exported_codes.about(CODED)}
NAMES = ["cat", "dog", "0"]
LABEL = {"name": "label", "values": 3, "size": 3, "offset": 2, "classes": [0, 1, 2], "class_names": NAMES}
LABELLED = {"size": 6, "spherical": True, "label": LABEL}


def _points(shape) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(("text", "found"), [
    ("c1=3", {"c1": "3"}), (" c1 = 3 ,c2=-1.5 ", {"c1": "3", "c2": "-1.5"}), ("c2=1e-3", {"c2": "1e-3"})])
def test_codes_are_read(text, found):
    assert conditions.read_codes(text) == found


@pytest.mark.parametrize("text", ["", " ", "c1", "c1=", "=3", "c1=3,", "c1=3,,c2=1", "3", "c1:3"])
def test_text_of_another_form(text):
    with pytest.raises(UserError, match=rf"^--codes={text}: write NAME=VALUE, …, as in --codes='c1=3, c2=-1.5'$"):
        conditions.read_codes(text)


def test_a_code_given_twice():
    with pytest.raises(UserError, match=r"^--codes=c1=3, c1=4: c1 is given twice"):
        conditions.read_codes("c1=3, c1=4")


@pytest.mark.parametrize(("codes", "values"), [
    ({}, {}), ({"digit": "0"}, {"digit": 0}), ({"digit": "3.0"}, {"digit": 3}),
    ({"bold": "1", "slant": "-2.5"}, {"bold": 1, "slant": -2.5})])
def test_chosen_codes(codes, values):
    chosen = conditions.chosen(CODES, None, codes)
    assert {block["name"]: value for block, value in chosen} == values


@pytest.mark.parametrize(("text", "number"), [("cat", 0), ("dog", 1), ("1", 1), ("0", 2), ("002", 2)])
def test_a_class_by_its_name_before_its_number(text, number):
    assert conditions.chosen(LABELLED, text, {}) == [(LABEL, number)]


@pytest.mark.parametrize("names", [[], ["0", "1", "2"]])
def test_a_class_by_its_number_alone(names):
    label = LABEL | {"class_names": names}
    assert conditions.chosen({"size": 6, "label": label}, "2", {}) == [(label, 2)]
    for text in ("3", "-1", "1.5", "", "cat", "²", "12345678901"):
        with pytest.raises(UserError, match=rf"^--label must be 0 to 2, or each, got '{text}'$"):
            conditions.chosen({"size": 6, "label": label}, text, {})


@pytest.mark.parametrize("label", [None, conditions.EACH])
def test_nothing_is_chosen_for_all_images(label):
    assert conditions.chosen(LABELLED, label, {}) == []


@pytest.mark.parametrize(("latent", "label", "codes", "message"), [
    (CODES, "7", {}, "--label=7 cannot be chosen: this export has no labels; leave --label out"),
    (CODES, "each", {}, "--label=each cannot be chosen: this export has no labels"),
    (LABELLED, "dig", {}, "--label must be the name of a class that was trained on, or its number, 0 to 2, or each, "
                          "got 'dig'; did you mean 'dog'[?] choices: 0, cat, dog"),
    (LABELLED, "3", {}, "--label must be .* 0 to 2, or each, got '3'; choices: 0, cat, dog"),
    ({"size": 6, "label": LABEL | {"classes": [0, 2]}}, "dog", {}, "--label must be .*, one of 0, 2, or each, got "
                                                                   "'dog'; choices: 0, cat"),
    (LABELLED, None, {"c1": "1"}, "--codes cannot be set: this export's latent has none; .* with --label"),
    ({"size": 4}, None, {"c1": "1"}, "--codes cannot be set: this export's latent has none; leave --codes out"),
    (CODES, None, {"digits": "1"}, "--codes: unknown code 'digits': did you mean 'digit'[?] choices: bold, digit, "),
    (CODES, None, {"digit": "4"}, "--codes: digit must be a whole number from 0 to 3, got '4'"),
    (CODES, None, {"digit": "-1"}, "--codes: digit must be .* got '-1'"),
    (CODES, None, {"digit": "1.5"}, "--codes: digit must be .* got '1.5'"),
    (CODES, None, {"digit": "one"}, "--codes: digit must be .* got 'one'"),
    (CODES, None, {"digit": "nan"}, "--codes: digit must be .* got 'nan'"),
    (CODES, None, {"bold": "2"}, "--codes: bold must be a whole number from 0 to 1, got '2'"),
    (CODES, None, {"bold": "0.5"}, "--codes: bold must be a whole number from 0 to 1, got '0.5'"),
    (CODES, None, {"slant": "left"}, "--codes: slant must be a finite number, got 'left'"),
    (CODES, None, {"slant": "nan"}, "--codes: slant must be a finite number, got 'nan'"),
    (CODES, None, {"slant": "-inf"}, "--codes: slant must be a finite number, got '-inf'"),
    (CODES, None, {"slant": "1e39"}, "--codes: slant must be a finite number, got '1e39'"),
    (CODES, None, {"slant": "1=2"}, "--codes: slant must be a finite number, got '1=2'")])
def test_mistakes(latent, label, codes, message):
    with pytest.raises(UserError, match=f"^{message}"):
        conditions.chosen(latent, label, codes)


@pytest.mark.parametrize(("name", "value"), [("digit", 3), ("slant", -1.5), ("bold", 1), ("bold", 0)])
def test_a_placed_code_is_what_the_latent_makes_of_it(name, value):
    points = _points([5, CODED.size])
    before = points.copy()
    block = next(code for code in CODES["codes"] if code["name"] == name)
    expected = CODED.with_codes(tf.constant(points), {name: tf.fill([5], value)})
    np.testing.assert_array_equal(conditions.place(points, block, value), expected)
    np.testing.assert_array_equal(points, before)


def test_a_value_for_every_point():
    points = _points([2, 3, 6])
    placed = conditions.place(points, LABEL, np.array([[0, 1, 2], [2, 2, 0]]))
    np.testing.assert_array_equal(placed[..., 2:5], np.eye(3)[[[0, 1, 2], [2, 2, 0]]])
    np.testing.assert_array_equal(placed[..., [0, 1, 5]], points[..., [0, 1, 5]])


def test_the_only_class_is_one_hot_too():
    only = {"name": "label", "values": 1, "size": 1, "offset": 1, "classes": [0], "class_names": ["0"]}
    np.testing.assert_array_equal(conditions.place(np.full([2, 3], 5.0), only, 0), [[5, 1, 5], [5, 1, 5]])


def test_rows_in_the_classes_that_were_trained_on():
    found = conditions.in_each_class(_points([2, 4, 6]), LABEL | {"classes": [0, 2]})
    assert found[:, 0, 2:5].argmax(axis=1).tolist() == [0, 2, 0, 2]


def test_rows_in_each_class():
    rows = _points([2, 4, 6])
    found = conditions.in_each_class(rows, LABEL)
    assert found.shape == (6, 4, 6)
    for row in range(2):
        for number in range(3):
            np.testing.assert_array_equal(found[3 * row + number][:, [0, 1, 5]], rows[row][:, [0, 1, 5]])
            np.testing.assert_array_equal(found[3 * row + number][:, 2:5], np.eye(3)[[number] * 4])


@pytest.mark.parametrize(("latent", "codes", "held"), [
    (CODES, {}, [0, 0, 1, 1, 1, 1, 0, 1]), (CODES, {"slant": "1"}, [0, 0, 1, 1, 1, 1, 1, 1]),
    (LABELLED, {}, [0, 0, 1, 1, 1, 0]), ({"size": 2}, {}, [0, 0])])
def test_held_numbers(latent, codes, held):
    chosen = conditions.chosen(latent, None, codes)
    np.testing.assert_array_equal(conditions.held(latent, chosen), np.array(held, bool))
