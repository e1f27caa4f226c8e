"""Schedules against their closed forms, and what flags and hyperparameters accept."""

import math
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.registry import Registry, one_call
from gan_zoo.schedules import Schedule, at, check_number_or_schedule, number_or_schedule, schedules

TOTAL = 200


def _linear(start, end, steps, step):
    return start + (end - start) * min(step / steps, 1)


def _cosine(start, end, steps, step):
    return end + (start - end) * (1 + math.cos(math.pi * min(step / steps, 1))) / 2


# spec → (closed form, where it ends, whether it needs the run's length)
SCHEDULES = {
    "constant(0.3)": (lambda step: 0.3, TOTAL, False),
    "linear(2.0, -1)": (lambda step: _linear(2, -1, TOTAL, step), TOTAL, True),
    "linear(0, 5, steps=40)": (lambda step: _linear(0, 5, 40, step), 40, False),
    "cosine(2e-4, 5e-5)": (lambda step: _cosine(2e-4, 5e-5, TOTAL, step), TOTAL, True),
    "cosine(end=1, start=0.5, steps=150)": (lambda step: _cosine(0.5, 1, 150, step), 150, False),
    "exponential(0.5, 0.003)": (lambda step: 0.5 * (0.003 / 0.5) ** min(step / TOTAL, 1), TOTAL, True),
    "exponential(1e-3, 2, steps=60)": (lambda step: 1e-3 * 2000 ** min(step / 60, 1), 60, False),
    "warm_up(3e-4, 50)": (lambda step: 3e-4 * min(step / 50, 1), 50, False),
    "warm_up(-2, steps=1)": (lambda step: -2 * min(step, 1), 1, False),
}
each_schedule = pytest.mark.parametrize("text", SCHEDULES)


def _build(text) -> Schedule:
    return schedules.build(one_call(text))


@each_schedule
@pytest.mark.parametrize("as_tensor", [False, True])
def test_the_closed_form(text, as_tensor):
    """At the start, in the middle, at the end and beyond."""
    expected, end, needs_total = SCHEDULES[text]
    schedule = _build(text)
    assert schedule.needs_total == needs_total
    for step in (0, 1, end // 3, end // 2, end - 1, end, end + 1, 10 * end):
        got = schedule(tf.constant(step, tf.int64) if as_tensor else step, TOTAL)
        assert (got.dtype, got.shape) == (tf.float32, ())
        np.testing.assert_allclose(got, expected(step), rtol=1e-5, atol=1e-9)
    np.testing.assert_array_equal(schedule(end, TOTAL), np.float32(expected(end)))  # exactly the end value


@each_schedule
def test_bounds_hold_and_are_reached(text):
    expected, end, _ = SCHEDULES[text]
    values = [expected(step) for step in range(end + 2)]
    schedule = _build(text)
    np.testing.assert_allclose([schedule.lowest, schedule.highest], [min(values), max(values)], rtol=1e-12)


@each_schedule
@pytest.mark.parametrize("jit", [False, True])
def test_graphs_give_the_same(text, jit):
    schedule = _build(text)
    graph = tf.function(lambda step: schedule(step, TOTAL), jit_compile=jit)
    for step in (0, 17, 500):
        np.testing.assert_allclose(graph(tf.constant(step)), schedule(step, TOTAL), rtol=1e-5, atol=1e-9)


@each_schedule
def test_it_is_written_as_the_call_that_gives_it_again(text):
    schedule = _build(text)
    assert _build(str(schedule)) == schedule
    assert f"{schedule!r}" == str(schedule)
    assert schedule != _build("constant(0.25)")


def test_the_length_is_asked_for_only_where_it_is_needed():
    np.testing.assert_allclose(_build("linear(1, 0, steps=10)")(5), 0.5)
    with pytest.raises(ValueError, match="needs the run's length"):
        _build("linear(1, 0)")(5)


@pytest.mark.parametrize(("text", "message"), [
    ("linear(0.5)", "linear needs its argument 'end'"), ("linear('a', 1)", "start must be a number, got 'a'"),
    ("cosine(1, None)", "end must be a number, got None"), ("linear(1, 0, steps=0)", "steps must be a whole number"),
    ("linear(1, 0, steps=1.5)", "steps must be a whole number"),
    ("constant([1])", r"value must be a number, got \[1\]"),
    ("warm_up(1)", "warm_up needs its argument 'steps'"), ("warm_up(1, 0)", "steps must be a whole number of at least"),
    ("exponential(0, 1)", "start must be a number above 0"), ("exponential(1, 0)", "end must be a number above 0"),
    ("exponential(1, 0.1, 0)", "steps must be a whole number of at least 1"),
    ("linear(1e999, 0)", "must be at most 3.4e38 in magnitude, .* got inf"),
    ("linar(1, 0)", "unknown schedule 'linar': did you mean 'linear'?"),
])
def test_bad_schedules(text, message):
    with pytest.raises(UserError, match=message):
        _build(text)


@pytest.mark.parametrize(("value", "written"), [
    (0.5, "constant(0.5)"), (0, "constant(0)"), ("0.5", "constant(0.5)"),
    (" 1e-1 ", "constant(0.1)"), ("linear(0.5, 0)", "linear(0.5, 0)"),
    ("constant(1)", "constant(1)"), (_build("warm_up(1, 9)"), "warm_up(1, 9)"),
])
def test_what_a_flag_may_say(value, written):
    schedule = number_or_schedule(value, "--instance_noise", least=0, most=1)
    assert str(schedule) == written


@pytest.mark.parametrize(("value", "message"), [
    ("", "must be a number or a schedule"), ("nan", "must be a number at least 0 and at most 1, got nan"),
    ("inf", "must be a number at least 0 and at most 1, got inf"), (True, "must be a number"),
    (None, "must be a number"),
    ([0.5], "must be a number"), (2, "must be a number at least 0 and at most 1, got 2"), ("-1", "must be a number at"),
    ("linear", "must be a number or a schedule, as in linear(0.5, 0): linear needs its argument 'start'"),
    ("banana", "must be a number or a schedule, as in linear(0.5, 0): unknown schedule 'banana'"),
    ("1 + 2", "must be a number or a schedule"), ("linear(1, 0) + constant(1)", "must be a number or a schedule"),
    ("linear(linear(1, 0), 0)", "must be a number or a schedule, as in linear(0.5, 0): start can't be a call here"),
    ("linear(0.5, -0.1)", "must be a number at least 0 and at most 1, got -0.1 in linear(0.5, -0.1)"),
    ("cosine(2, 0)", "must be a number at least 0 and at most 1, got 2 in cosine(2, 0)"),
])
def test_what_a_flag_may_not_say(value, message):
    with pytest.raises(UserError) as error:
        number_or_schedule(value, "--instance_noise", least=0, most=1)
    assert str(error.value).startswith(f"--instance_noise {message}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["linear(2e-4, 0)", "cosine(2e-4, 5e-5)", "warm_up(1e-3, 100)", "constant(1)"])
def test_a_schedule_may_touch_an_open_bound(text):
    schedule = _build(text)
    assert check_number_or_schedule("learning_rate", schedule, above=0) is schedule


@pytest.mark.parametrize("text", ["constant(0)", "linear(0, 0)", "linear(1e-4, -1e-9)", "warm_up(-1, 100)"])
def test_a_schedule_may_not_lie_on_an_open_bound_or_cross_it(text):
    with pytest.raises(UserError, match=r"^learning_rate must be a number"):
        check_number_or_schedule("learning_rate", _build(text), above=0)
    assert check_number_or_schedule("learning_rate", 0.1, above=0) == 0.1
    with pytest.raises(UserError, match=r"^learning_rate must be a number above 0, got 0$"):
        check_number_or_schedule("learning_rate", 0, above=0)


def test_a_number_stays_itself_and_a_schedule_is_asked():
    assert at(0.1, 5, 10) == 0.1
    assert isinstance(at(0.1, 5, 10), float)
    np.testing.assert_allclose(at(_build("linear(1, 0)"), 5, 10), 0.5)


def test_a_spec_holds_a_schedule():
    optimizers = Registry("optimizer", nested=schedules)
    optimizers.register("adam")(lambda learning_rate=1e-3, beta_1=0.9: (learning_rate, beta_1))
    rate, beta = optimizers.build(one_call("adam(learning_rate=cosine(2e-4, 5e-5), beta_1=0.5)"))
    assert (rate, beta) == (_build("cosine(2e-4, 5e-5)"), 0.5)


def test_checking_needs_no_tensorflow():
    code = ("import sys; from gan_zoo.schedules import number_or_schedule as read; read('linear(1, 0)', '--x');"
            "assert not {'tensorflow', 'keras'} & set(sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
