"""Classes as people write them."""

import pytest

from gan_zoo.experiment import Experiment
from gan_zoo.labels import class_number, listed, split_classes
from gan_zoo.training.sameness import changed

ANIMALS = ("cat", "dog", "0")


@pytest.mark.parametrize(("text", "entries"), [
    (None, ()), ("", ()), (" , ", ()), ("0", ("0",)), ("0,3", ("0", "3")), ("0,,3", ("0", "3")),
    (" 0 , 3,", ("0", "3")), ("a cat,dog", ("a cat", "dog"))])
def test_the_entries_of_a_list(text, entries):
    assert split_classes(text) == entries


@pytest.mark.parametrize(("text", "number"), [
    ("cat", 0), ("dog", 1), ("1", 1), ("002", 2), ("3", None), ("-1", None), ("1.5", None), ("", None), ("²", None),
    ("Cat", None), ("12345678901", None)])
def test_a_class_by_its_name_or_its_number(text, number):
    assert class_number(text, ANIMALS) == number


def test_a_name_goes_before_a_number():
    assert class_number("0", ANIMALS) == 2


@pytest.mark.parametrize(("text", "number"), [("0", 2), ("cat", None), ("1", None), ("dog", None), ("2", 2)])
def test_allowed_classes_only(text, number):
    assert class_number(text, ANIMALS, allowed=[2]) == number


def test_numbers_without_names():
    assert [class_number(text, [], allowed=range(2)) for text in ("1", "2", "cat")] == [1, None, None]


@pytest.mark.parametrize(("numbers", "words"), [
    ([0, 1, 2], "0 to 2"), ((3, 4), "3 to 4"), ([1, 3], "one of 1, 3"), ([5], "one of 5"),
    ([0, 1, 3], "one of 0, 1, 3")])
def test_numbers_in_words(numbers, words):
    assert listed(numbers) == words


@pytest.mark.parametrize("text", ["0,,3", " 0,3 ", "3,0", "0,3,3", "0,3,"])
def test_another_way_to_write_the_same_classes_is_the_same_run(text):
    assert changed(Experiment(classes="0,3").values(), Experiment(classes=text)) == []


@pytest.mark.parametrize("text", [None, "", "0", "0,3,4"])
def test_other_classes_are_another_run(text):
    assert [flag for flag, *_ in changed(Experiment(classes="0,3").values(), Experiment(classes=text))] == ["classes"]
