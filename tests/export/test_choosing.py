"""A class and codes that are asked of an export: every mistake in one line, and what is chosen in its place."""

from dataclasses import replace

import numpy as np
import pytest

from gan_zoo import latents
from gan_zoo.commands import sample
from gan_zoo.errors import UserError
from gan_zoo.export import choosing
from gan_zoo.export.description import Classes, Description
from gan_zoo.labels import EACH

CODED = latents.build("noise(2) + categorical(4, name='digit') + uniform(1, name='slant') + bernoulli(1, name='bold')")
PLAIN = Description(4, True, (8, 8, 1), (-1.0, 1.0))
CODES = replace(PLAIN, latent_size=CODED.size, spherical=False, codes=CODED.blocks())
LABELLED = replace(PLAIN, classes=Classes(3, (0, 1, 2), ("cat", "dog", "0")))


def _of(names=(), trained=(0, 1, 2)) -> Description:
    return replace(PLAIN, classes=Classes(3, trained, names))


@pytest.mark.parametrize(("text", "found"), [
    ("c1=3", {"c1": "3"}), (" c1 = 3 ,c2=-1.5 ", {"c1": "3", "c2": "-1.5"}), ("c2=1e-3", {"c2": "1e-3"})])
def test_codes_are_read(text, found):
    assert sample.read_codes(text) == found


@pytest.mark.parametrize("text", ["", " ", "c1", "c1=", "=3", "c1=3,", "c1=3,,c2=1", "3", "c1:3"])
def test_text_of_another_form(text):
    with pytest.raises(UserError, match=rf"^--codes={text}: write NAME=VALUE, …, as in --codes='c1=3, c2=-1.5'$"):
        sample.read_codes(text)


def test_a_code_given_twice():
    with pytest.raises(UserError, match=r"^--codes=c1=3, c1=4: c1 is given twice"):
        sample.read_codes("c1=3, c1=4")


@pytest.mark.parametrize(("codes", "values"), [
    ({}, {}), ({"digit": "0"}, {"digit": 0}), ({"digit": "3.0"}, {"digit": 3}),
    ({"bold": "1", "slant": "-2.5"}, {"bold": 1, "slant": -2.5})])
def test_chosen_codes(codes, values):
    chosen = choosing.chosen(CODES, None, codes)
    assert {block.name: value for block, value in chosen.codes} == values
    assert chosen.label is None


@pytest.mark.parametrize(("text", "number"), [("cat", 0), ("dog", 1), ("1", 1), ("0", 2), ("002", 2)])
def test_a_class_by_its_name_before_its_number(text, number):
    assert choosing.chosen(LABELLED, text, {}) == ((), number)


@pytest.mark.parametrize("names", [(), ("0", "1", "2")])
def test_a_class_by_its_number_alone(names):
    assert choosing.chosen(_of(names), "2", {}) == ((), 2)
    for text in ("3", "-1", "1.5", "", "cat", "²", "12345678901"):
        with pytest.raises(UserError, match=rf"^--label must be 0 to 2, or each, got '{text}'$"):
            choosing.chosen(_of(names), text, {})


@pytest.mark.parametrize("label", [None, EACH])
def test_nothing_is_chosen_for_all_images(label):
    assert choosing.chosen(LABELLED, label, {}) == ((), None)


@pytest.mark.parametrize(("latent", "label", "codes", "message"), [
    (CODES, "7", {}, "--label=7 cannot be chosen: this export has no labels; leave --label out"),
    (CODES, "each", {}, "--label=each cannot be chosen: this export has no labels"),
    (LABELLED, "dig", {}, "--label must be the name of a class that was trained on, or its number, 0 to 2, or each, "
                          "got 'dig'; did you mean 'dog'[?] choices: 0, cat, dog"),
    (LABELLED, "3", {}, "--label must be .* 0 to 2, or each, got '3'; choices: 0, cat, dog"),
    (_of(("cat", "dog", "0"), (0, 2)), "dog", {}, "--label must be .*, one of 0, 2, or each, got 'dog'; choices: 0, "
                                                  "cat"),
    (LABELLED, None, {"c1": "1"}, "--codes cannot be set: this export's latent has none; .* with --label"),
    (PLAIN, None, {"c1": "1"}, "--codes cannot be set: this export's latent has none; leave --codes out"),
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
        choosing.chosen(latent, label, codes)


def test_chosen_codes_are_set_and_nothing_else():
    noise = np.random.default_rng(0).normal(size=[2, 3, CODED.size]).astype(np.float32)
    found = choosing.chosen(CODES, None, {"digit": "3", "bold": "1"}).set_in(noise)
    np.testing.assert_array_equal(found[..., 2:6], np.broadcast_to(np.eye(4)[3], [2, 3, 4]))
    np.testing.assert_array_equal(found[..., 7], np.ones([2, 3]))
    np.testing.assert_array_equal(found[..., [0, 1, 6]], noise[..., [0, 1, 6]])


@pytest.mark.parametrize(("label", "drawn", "classes"), [
    (None, [2, 0, 1], [2, 0, 1]), (EACH, [2, 0, 1], [2, 0, 1]), ("dog", [2, 0, 1], [1, 1, 1]),
    (None, None, [0, 0, 0])])
def test_classes_are_the_chosen_one_or_those_drawn(label, drawn, classes):
    found = choosing.chosen(PLAIN if drawn is None else LABELLED, label, {}).classes(
        None if drawn is None else np.array(drawn, np.int32), 3)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, classes)


@pytest.mark.parametrize(("about", "codes", "held"), [
    (CODES, {}, [0, 0, 1, 1, 1, 1, 0, 1]), (CODES, {"slant": "1"}, [0, 0, 1, 1, 1, 1, 1, 1]),
    (LABELLED, {}, [0, 0, 0, 0])])
def test_held_numbers(about, codes, held):
    found = choosing.held(about, choosing.chosen(about, None, codes))
    np.testing.assert_array_equal(found, np.array(held, bool))
