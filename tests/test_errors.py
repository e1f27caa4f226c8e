"""The checks that name what was wrong, and the hint that names what would be right."""

import pytest

from gan_zoo.errors import UserError, check_choice, check_count, check_number, nearest, one_line

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(("error", "most", "line"), [
    (ValueError("the checksum\n  is wrong\n"), None, "the checksum is wrong"), (OSError(), None, "OSError"),
    (OSError(" \n"), 5, "OSError"), (ValueError("a\nlong story"), 6, "a long")])
def test_an_error_on_one_line(error, most, line):
    assert one_line(error, most) == line


@pytest.mark.parametrize(("value", "least"), [(1, 1), (0, 0), (-3, -5), (2**31 - 1, 1)])
def test_counts(value, least):
    assert check_count("n", value, least) == value


@pytest.mark.parametrize(("value", "least"), [
    (0, 1), (-1, 0), (1.0, 1), (True, 0), ("3", 1), (None, 1), ([1], 1), (NAN, 1)])
def test_no_counts(value, least):
    with pytest.raises(UserError, match=f"n must be a whole number of at least {least}, got "):
        check_count("n", value, least)


@pytest.mark.parametrize(("value", "bounds"), [
    (0.5, {}), (-3, {}), (0, {"least": 0}), (1, {"most": 1}), (0.1, {"above": 0, "below": 1}),
    (0, {"least": 0, "below": 1})])
def test_numbers(value, bounds):
    assert check_number("x", value, **bounds) == value


@pytest.mark.parametrize(("value", "bounds", "wanted"), [
    (0, {"above": 0}, "a number above 0"), (-1, {"least": 0}, "a number at least 0"),
    (1, {"below": 1}, "a number below 1"),
    (2, {"most": 1}, "a number at most 1"), (1, {"least": 0, "below": 1}, "a number at least 0 and below 1"),
    (NAN, {}, "a number"), (INFINITY, {"above": 0}, "a number above 0"), (-INFINITY, {}, "a number"),
    (True, {}, "a number"), ("1", {"above": 0}, "a number above 0"), (None, {}, "a number"), (1j, {}, "a number")])
def test_no_numbers(value, bounds, wanted):
    with pytest.raises(UserError, match=f"^x must be {wanted}, got "):
        check_number("x", value, **bounds)


def test_choices():
    assert check_choice("colour", "red", ["red", "blue"]) == "red"
    with pytest.raises(UserError, match=r"^unknown colour 'rad': did you mean 'red'\? choices: blue, red$"):
        check_choice("colour", "rad", ["red", "blue"])
    with pytest.raises(UserError, match=r"unknown colour \['red'\]"):
        check_choice("colour", ["red"], ["red", "blue"])


@pytest.mark.parametrize(("name", "choices", "hint"), [
    ("mnst", ["mnist", "digits"], "did you mean 'mnist'? choices: digits, mnist"), ("x", ["mnist"], "choices: mnist"),
    ("x", [], "choices: none"), (3, ["a"], "choices: a"),
    ("zzz", [f"n{index:02}" for index in range(30)], "choices: " + ", ".join(f"n{i:02}" for i in range(24)) + ", …")])
def test_nearest(name, choices, hint):
    assert nearest(name, choices) == hint
