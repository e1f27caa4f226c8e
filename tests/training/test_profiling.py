"""A profile of some rounds: of these alone, and what is said of those that can't be."""

from collections import Counter

import pytest

from benchmarks.trace import Operation, operations, place, table
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.profiling import FILES, Profiler
from gan_zoo.training.trainer import Trainer
from tests.training.test_loop import _train


def test_a_profile_holds_the_rounds_between_its_steps_and_no_other(tmp_path, monkeypatch):
    played, ends = Trainer.play, []

    def noted(trainer, first_step, count):
        ends.append(first_step + count)
        return played(trainer, first_step, count)

    monkeypatch.setattr(Trainer, "play", noted)
    monkeypatch.setattr("gan_zoo.training.pace._SECONDS_A_CALL", 1e9)  # as many rounds a call as it may
    ended, shown = _train(tmp_path, rounds_per_call=None, sample_every_steps=5, evaluate_every_steps=0, steps=6,
                          profile_steps="2,5")
    assert {2, 5} <= set(ends)
    assert len(ends) < 6
    assert "profile of --profile_steps=2,5, for" in shown
    (profile,) = tmp_path.glob(FILES)
    found = Counter(each.type for each in operations(profile))
    variables = sum(len(player.variables) for player in ended.trainer.players)
    assert found["ResourceApplyAdam"] == 3 * variables
    assert not any(each.name.startswith("generator") for each in operations(profile))  # none of the grid at step 5
    assert any(place(each) == "generator, backward" for each in operations(profile))


def test_rounds_that_a_run_has_been_asked_for_before_are_no_mistake_when_it_goes_on(tmp_path):
    for step in (0, 20, 30, 50):
        assert Profiler("20,40", tmp_path, step, before="20,40").stops == [20, 40]
    assert Profiler(None, tmp_path, 50, before="20,40").stops == []
    assert Profiler("20,40", tmp_path, 20).stops == [20, 40]
    with pytest.raises(UserError, match=r"--profile_steps=20,40: the run in .* as in 21,41"):
        Profiler("20,40", tmp_path, 21, before="2,4")


@pytest.mark.parametrize(("text", "says"), [
    ("20", "must be two steps"), ("20,", "must be two steps"), ("-1,4", "must be two steps"), ("a,b", "must be two"),
    ("1,2,3", "must be two steps"), ("20,20", "holds no round"), ("40,20", "holds no round")])
def test_a_mistake_names_the_flag(text, says):
    with pytest.raises(UserError) as error:
        Experiment(profile_steps=text)
    assert str(error.value).startswith(f"--profile_steps={text} {says}")


def test_a_table_has_a_row_a_type_and_small_ones_together():
    name = "while/body/_1/while/body_1/conv_1/convolution"
    found = [Operation(name, "Conv2D", 0.75), Operation(name, "Conv2D", 0.249),
             *(Operation("while/body/_1/while/generator_1/mul", type_, 0.0005) for type_ in ("Mul", "Add"))]
    assert table(found, 2, "type")[2:] == ["| `Conv2D` | 99.9% | 499.50 | 1 |", "| 2 others | 0.1% | 0.50 | 1 |"]
    assert table(found, 2, "place")[2] == "| body, forward | 99.9% | 499.50 | 1 |"
