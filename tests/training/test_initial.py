"""A new run from given weights."""

import json

import numpy as np
import pytest

from gan_zoo.errors import UserError
from gan_zoo.training import initial
from gan_zoo.training.trainer import Trainer
from tests.training.test_loop import TOTAL, _record, _train

BEFORE = {"checkpoint_every_steps": 2, "evaluate_every_steps": 0}


def _values(trainer) -> dict[str, np.ndarray]:
    networks = {"generator": trainer.gan.generator, "body": trainer.gan.body, **trainer.gan.heads}
    return {f"{name}/{v.path}": np.array(v) for name, network in networks.items() for v in network.variables}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """(folder, how it ended) of a run whose generator has an average."""
    folder = tmp_path_factory.mktemp("source") / "run"
    return folder, _train(folder, generator_average="0.5", **BEFORE)[0]


@pytest.fixture
def begun(monkeypatch):
    """The networks as they were before the first round of the last run."""
    seen, played = {}, Trainer.play

    def play(trainer, first_step, count):
        if first_step == 0:
            seen.update(_values(trainer), average=[np.array(v) for v in trainer.sampler.variables])
        return played(trainer, first_step, count)

    monkeypatch.setattr(Trainer, "play", play)
    return seen


def _assert_equal(one: dict, other: dict) -> None:
    for name, value in other.items():
        np.testing.assert_array_equal(one[name], value, err_msg=name)


def test_a_run_begins_with_the_weights_of_another_and_needs_it_no_more(source, tmp_path, begun):
    """Other seed, objective, optimizers and batch size; the average begins at the average."""
    folder, ended = source
    settings = {"init_from": str(folder), "seed": 5, "objective": "least_squares", "generator_average": "0.9",
                "generator_optimizer": "sgd(learning_rate=1e-3)", "batch_size": 16, "steps": 2, **BEFORE}
    new, shown = _train(tmp_path / "new", **settings)
    assert f"begins with the weights of {folder}, step {TOTAL}" in shown
    _assert_equal(begun, _values(ended.trainer))
    for one, other in zip(begun["average"], ended.trainer.sampler.variables, strict=True):
        np.testing.assert_array_equal(one, np.array(other))
    assert new.step == 2
    record = _record(tmp_path / "new")
    assert record["init_from"] == {"step": TOTAL, "run": _record(folder)["id"], "path": str(folder)}
    assert (tmp_path / "new" / "checkpoints" / "step_00000000").is_dir()
    folder.rename(tmp_path / "gone")
    try:
        again, shown = _train(tmp_path / "new", **settings | {"steps": 3})
        assert "resumed at step 2" in shown
        with pytest.raises(UserError, match="was trained with --init_from="):
            _train(tmp_path / "new", **settings | {"init_from": None})
    finally:
        (tmp_path / "gone").rename(folder)
    assert again.step == 3


def test_from_a_checkpoint_and_from_an_export(source, tmp_path, begun):
    """The export has the average for its generator."""
    folder, ended = source
    _train(tmp_path / "one", init_from=str(folder / "checkpoints" / "step_00000004"), steps=1, **BEFORE)
    given = initial._read(folder / "checkpoints" / "step_00000004", {})
    for name, value in given.weights["generator"].items():
        np.testing.assert_array_equal(begun[f"generator/{name}"], value)
    _train(tmp_path / "two", init_from=str(folder / "export"), steps=1, **BEFORE)
    expected = _values(ended.trainer)
    for variable in ended.trainer.sampler.variables:
        expected[f"generator/{variable.path}"] = np.array(variable)
    _assert_equal(begun, expected)
    assert _record(tmp_path / "two")["init_from"]["step"] == TOTAL


@pytest.mark.parametrize(("settings", "words"), [
    ({"latent": "normal(3)"}, r"generator has \S+/kernel of shape \[2, 4\] there, and \[3, 4\] here"),
    ({"model": "mlp(generator=[None, 4, None], discriminator=[None, 5, 1])"}, r"body has \S+/kernel of shape"),
    ({"model": "mlp(generator=[None, 4, 4, None], discriminator=[None, 4, 1])"}, "generator has"),
    ({"init_from": "nowhere"}, "--init_from=nowhere: no run, checkpoint or export is there")])
def test_what_does_not_fit_is_named_and_nothing_is_written(source, tmp_path, settings, words):
    with pytest.raises(UserError, match=words) as error:
        _train(tmp_path / "run", **{"init_from": str(source[0]), **BEFORE} | settings)
    assert "--init_from=" in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()


def test_a_damaged_source_is_one_line(source, tmp_path):
    broken = tmp_path / "step_00000006"
    broken.mkdir()
    (broken / "step.json").write_text(json.dumps({"step": 6}))
    with pytest.raises(UserError, match="can't be read"):
        _train(tmp_path / "run", init_from=str(broken), **BEFORE)
