"""Which metrics are compared, and that unlike values are refused with a way out."""

import pytest

from gan_zoo.comparison.measured import CHECKS, check_alike, chooser, described, unmeasured
from gan_zoo.errors import UserError
from tests.comparison.crafted import PROVENANCE, crafted

CALLS = ["frechet", "frechet(features='a+b', samples=500)", "kid"]


@pytest.mark.parametrize(("metrics", "without", "chosen"), [
    (None, None, [*CALLS, CHECKS]), ("frechet", None, CALLS[:2]), (CALLS[1], None, CALLS[1:2]),
    ("kid + checks", None, ["kid", CHECKS]), (None, "frechet+checks", ["kid"]), ("frechet", CALLS[1], CALLS[:1]),
    (f"kid + {CALLS[1]}", None, CALLS[1:])])
def test_metrics_are_chosen_by_name_or_by_call(metrics, without, chosen):
    wanted = chooser(metrics, without, CALLS)
    assert [call for call in [*CALLS, CHECKS] if wanted(call)] == chosen


def test_an_unknown_metric_is_told():
    with pytest.raises(UserError, match="--without=frechte: no run was measured with that: did you mean 'frechet'"):
        chooser(None, "kid + frechte", CALLS)


def _refused(tmp_path, call: str = "frechet(samples=898)", **changes) -> str:
    one, other = crafted(tmp_path / "one"), crafted(tmp_path / "an other")
    with pytest.raises(UserError) as error:
        check_alike(call, [(one, PROVENANCE), (other, PROVENANCE | changes)])
    assert "\n" not in str(error.value)
    return str(error.value).replace(f"{tmp_path}/", "")


def test_unlike_splits_are_mended_by_a_command(tmp_path):
    assert _refused(tmp_path, splits={"test": "test"}, fingerprints={"test": "cd34"}) == (
        "frechet(samples=898) of one and an other can't stand side by side (test data: digits train and digits test): "
        "measure alike with python -m gan_zoo.evaluate --run_dir='an other' --metrics='frechet(samples=898)' "
        "--test_split=train, or leave that out with --without=frechet")


def test_unlike_data_and_counts_are_mended_by_a_command(tmp_path):
    text = _refused(tmp_path, dataset="mnist", splits={"test": "test"}, fingerprints={"test": "cd34"}, samples=500)
    assert "generated images: 898 and 500" in text
    assert "--dataset=digits --test_split=train, or" in text


def test_unlike_spaces_are_measured_again_in_both(tmp_path):
    text = _refused(tmp_path, call="kid", features="classifier ffff")
    assert ("(feature space: classifier b33d and classifier ffff): measure both again with python -m gan_zoo.evaluate "
            "--run_dir=one --metrics=kid && python -m gan_zoo.evaluate --run_dir='an other' --metrics=kid, or") in text


def test_what_a_record_does_not_say_is_measured_again(tmp_path):
    text = _refused(tmp_path, call="kid", fingerprints={}, splits={}, data={})
    assert "(test data: digits train and not known): measure both again with python" in text


def test_what_no_command_mends_can_be_left_out(tmp_path):
    assert _refused(tmp_path, call="kid", remark="trained on").endswith("): leave that out with --without=kid")


def test_what_belongs_to_a_run_may_differ(tmp_path):
    one, other = crafted(tmp_path / "one"), crafted(tmp_path / "other")
    check_alike("kid", [(one, PROVENANCE), (other, PROVENANCE | {"step": 7, "seeds": [0, 1], "generator": "average"})])


def test_what_is_lacking_is_told_with_the_command(tmp_path):
    have = {"kid": {"kid": 1.0}, "frechet": {"frechet": 1.0}}
    runs = [crafted(tmp_path / "one", measured=have), *(crafted(tmp_path / name) for name in ("two", "three")),
            crafted(tmp_path / "four", measured={"kid": {"kid": 1.0}})]
    assert unmeasured(runs, ["kid", "frechet"]) == [
        "not measured in two, three: python -m gan_zoo.evaluate --run_dir=RUN --metrics='kid + frechet'",
        f"not measured in four: python -m gan_zoo.evaluate --run_dir={tmp_path}/four --metrics=frechet"]


def test_what_values_are_about():
    assert described(PROVENANCE) == "digits train; 898 generated and 899 real images; features classifier b33d"
