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


@pytest.mark.parametrize(("entry", "case"), fuzzing.found(), ids=lambda value: ascii(json.dumps(value))[:60])
def test_what_was_found_once(entry, case):
    fuzzing.attempt(entry, case)
