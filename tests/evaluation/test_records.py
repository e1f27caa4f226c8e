"""A metric's quantities with what belongs to them, over seeds and in a table."""

import json
import math

import pytest

from gan_zoo.commands.tables import table
from gan_zoo.evaluation.measuring import _over_seeds
from gan_zoo.evaluation.records import Quantity, keep, quantities, read_records
from gan_zoo.metrics import metrics

RESULTS = {"frechet": 6.0, "frechet_floor": 2.0, "kid": 0.03, "kid_standard_error": 0.01, "kid_floor": 0.001,
           "kid_standard_error_floor": 0.002, "samples": 500, "worst_class_name": "7"}


def test_what_belongs_to_a_quantity():
    assert quantities(RESULTS) == [
        Quantity("frechet", 6.0, None, 2.0), Quantity("kid", 0.03, 0.01, 0.001), Quantity("samples", 500, None, None),
        Quantity("worst_class_name", "7", None, None)]


@pytest.mark.parametrize(("value", "floor", "expected"), [
    (6.0, 2.0, 3), (0.0, 2.0, 0), (6.0, None, None), (6.0, 0.0, None), (6.0, -2.0, None), (-6.0, 2.0, None),
    (-6.0, -2.0, None)])
def test_a_ratio_to_the_floor(value, floor, expected):
    assert Quantity("x", value, None, floor).ratio == expected
    assert Quantity("x", value, None, floor, is_difference=True).ratio is None


def test_no_ratio_of_what_is_about_zero_at_best():
    """That of a floor which is above 0 by chance would be 30 here."""
    assert table("m", RESULTS, differences=["kid"]) == [
        "m", "  frechet           6                     floor 2           ratio 3",
        "  kid               0.030 ± 0.010         floor 0.001", "  samples           500", "  worst_class_name  7"]
    assert table("m", RESULTS)[2].endswith("ratio 30")


def test_a_remark_has_a_line_of_its_own():
    assert table("m", {"frechet": 6.0}, "trained on")[-1] == "  remark   trained on"


def test_metrics_name_quantities_that_they_give():
    named = {name: set(getattr(metrics[name], "differences", ())) for name in metrics}
    assert {name for name, of in named.items() if of} == {"checkerboard", "frechet", "kid", "memorization", "mmd"}
    assert set().union(*named.values()) == {"nyquist_db", "checkerboard_db", "frechet_infinity", "kid", "c_t",
                                            "mmd_squared", "mmd_p_value", "mmd_bandwidth"}


def test_over_seeds():
    """Settings are the same whatever the seed; counts are numbers as others are; texts are all told if they differ."""
    of_space = {"samples": 500, "features": "pca", "features_accuracy": 0.9}
    found = [of_space | {"kid": value, "kid_standard_error": 0.5, "classes_captured": captured,
                         "worst_class_name": name}
             for value, captured, name in ((1.0, 9.0, "7"), (2.0, 10.0, "4"))]
    assert _over_seeds(found) == of_space | {
        "kid": 1.5, "kid_std": pytest.approx(math.sqrt(0.5)), "kid_standard_error": 0.5, "kid_standard_error_std": 0.0,
        "classes_captured": 9.5, "classes_captured_std": pytest.approx(math.sqrt(0.5)), "worst_class_name": "7, 4"}
    assert _over_seeds(found[:1]) == found[0]
    assert _over_seeds([{"kid": 1.0, "highest": 2.0}, {"kid": 1.0, "warning": "on the edge"}]) == {
        "kid": 1.0, "kid_std": 0.0, "warning": "on the edge"}
    shown = dict(line.split(maxsplit=1) for line in table("m", _over_seeds(found))[1:])
    assert (shown["kid"], shown["classes_captured"], shown["samples"]) == ("1.50 ± 0.71", "9.50 ± 0.71", "500")


def test_a_record_is_kept_beside_those_of_another_process(tmp_path):
    keep(str(tmp_path), "kid", {"results": {"kid": 1.0}})
    (tmp_path / "metrics.json").write_text(json.dumps(read_records(str(tmp_path)) | {"prdc": {"results": {}}}))
    keep(str(tmp_path), "kid", {"results": {"kid": 2.0}})
    assert read_records(str(tmp_path)) == {"kid": {"results": {"kid": 2.0}}, "prdc": {"results": {}}}
