"""Any text gives a result or a UserError: a few new ones, and all that once did not (more: benchmarks.fuzz)."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import fuzzing


@pytest.mark.parametrize("entry", fuzzing.ENTRIES)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(chosen=st.data())
def test_any_text_gives_a_result_or_a_user_error(entry, chosen):
    fuzzing.attempt(entry, chosen.draw(fuzzing.ENTRIES[entry].cases))


@pytest.mark.parametrize(("entry", "case", "is_result"), [
    ("specs", ["latent", "normal(8)"], True), ("specs", ["latent", "normal()"], False),
    ("flagfiles", ["--flagfile=b.flags", "--steps=3"], True), ("flagfiles", ["--flagfile=b.flags", "--steps=x"], False),
    ("folders", ["a", [(["b.png"], "grey")], "train", None], True), ("folders", ["a", [], "train", None], False)])
def test_what_is_a_result_and_what_is_none(entry, case, is_result):
    assert fuzzing.attempt(entry, case) is is_result


def test_another_exception_is_found(monkeypatch):
    monkeypatch.setitem(fuzzing.ENTRIES, "specs", fuzzing.ENTRIES["specs"]._replace(tried=lambda case: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        fuzzing.attempt("specs", [])


@pytest.mark.parametrize(("entry", "case"), fuzzing.found(), ids=lambda value: ascii(json.dumps(value))[:40])
def test_what_was_found_once(entry, case):
    fuzzing.attempt(entry, case)
