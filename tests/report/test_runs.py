"""A run as data for its page: what is in its folder, and what is wrong there."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from gan_zoo.drawing.images import write_png
from gan_zoo.experiment import Experiment
from gan_zoo.report.pictures import Room
from gan_zoo.report.runs import as_data
from tests.comparison.crafted import STEPS, craft

ALLOWED = Room(frames=3, side=100, bytes=10_000)
RNG = np.random.default_rng(0)
HISTORY = {"discriminator_loss": RNG.random(STEPS), "generator_loss": RNG.random(STEPS),
           "accuracy_real": np.full(STEPS, 0.5), "accuracy_generated": np.full(STEPS, np.nan),
           "objective/information_c1": RNG.random(STEPS), "objective/entropy_c1": np.full(STEPS, 2.3025851),
           "objective/gradient_penalty": 1000 * RNG.random(STEPS), "seconds": np.arange(STEPS)}
VERDICTS = [{"step": 40, "verdict": "too early to tell", "evidence": "coverage is 0.1"},
            {"step": 80, "verdict": "collapsed: about 3 of 10 classes", "evidence": "few", "try": "--augment=flip"},
            {"step": 120, "verdict": "over the best: since step 80", "evidence": "worse", "try": "--patience=10"}]


def _whole(path: Path, **settings) -> Path:
    """A run with all that a report may show."""
    craft(path, **settings)
    np.savez(path / "checkpoints" / f"step_{STEPS:08d}" / "history.npz", **HISTORY)
    for name in ("step_00000060", "step_00000030", "traversal_c1_step_00000120", "traversal_c2_step_00000120"):
        write_png(path / "samples" / f"{name}.png", np.zeros([8, 8], np.uint8))
    write_png(path / "real.png", np.zeros([8, 8], np.uint8))
    return path


def _data(path: Path) -> dict:
    return as_data(path, path.name, ALLOWED)


def test_a_whole_run(tmp_path):
    found = _data(_whole(tmp_path / "run", record={
        "verdicts": VERDICTS, "verdict": VERDICTS[-1]["verdict"], "command": ["train.py", "--a b"],
        "versions": {"python": "3.11.7", "keras": "3"}}))
    assert found["problems"] == []
    assert (found["model"], found["dataset"], found["step"], found["steps"], found["minutes"]) == (
        "mlp", "digits", STEPS, STEPS, 1.5)
    assert found["status"]["text"] == "finished"
    assert found["best"] == {"step": 80, "metric": "frechet", "frechet": 4.0, "coverage": 0.25}
    assert [each["kind"] for each in found["verdicts"]] == ["wait", "bad", "good"]
    assert (found["verdict"]["kind"], found["verdicts"][1]["try"]) == ("good", "--augment=flip")
    assert [(view["name"], view["of"], [frame["step"] for frame in view["frames"]]) for view in found["views"]] == [
        ("samples", 4, [0, 60, 120]), ("code c1", 1, [120]), ("code c2", 1, [120]), ("real", 1, [None])]
    assert ["command", "train.py '--a b'"] in found["facts"]
    assert ["versions", "python 3.11.7, keras 3"] in found["facts"]
    assert found["again"] == f"gan-zoo train --flagfile={tmp_path / 'run' / 'run.flags'}"


def test_curves_are_means_of_equal_stretches_and_those_of_one_size_stand_together(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_zoo.report.curves._POINTS", 40)
    charts = _data(_whole(tmp_path / "run"))["charts"]
    assert [(chart["title"], [series["label"] for series in chart["series"]]) for chart in charts] == [
        ("Loss", ["discriminator", "generator"]), ("Discriminator accuracy", ["on real images"]),
        ("What the objective watches", ["information c1"]), ("What the objective watches", ["gradient penalty"]),
        ("Fréchet distance", ["over real images'"]), ("Coverage", ["over real images'"])]
    loss, _, information, _, frechet, coverage = charts
    assert loss["x"] == list(range(3, STEPS + 1, 3))
    np.testing.assert_allclose(loss["series"][1]["y"], HISTORY["generator_loss"].reshape(40, 3).mean(axis=1), rtol=1e-4)
    assert information["lines"] == [{"value": 2.3026, "label": "entropy c1"}]
    assert (frechet["x"], frechet["series"][0]["y"], frechet["log"]) == ([40, 80, 120], [8, 4, 5], True)
    assert coverage["lines"] == [{"value": 1, "label": "real images"}]


def test_metrics_have_their_floors_and_ratios(tmp_path):
    results = {"frechet": 8.0, "frechet_floor": 2.0, "kid": 1.23456, "kid_standard_error": 0.1, "kid_floor": -0.1,
               "features_accuracy": 0.99, "neighbours": 5, "counts": "metrics_counts.png", "gone": "../gone.png"}
    path = _whole(tmp_path / "run", measured={"frechet": results})
    write_png(path / "metrics_counts.png", np.zeros([8, 8], np.uint8))
    (metric,) = _data(path)["metrics"]
    assert metric["rows"] == [{"name": "frechet", "value": "8", "floor": "2", "ratio": "4"},
                              {"name": "kid", "value": "1.23 ± 0.10", "floor": "-0.1", "ratio": None}]
    assert metric["settings"] == ["features accuracy 0.99", "neighbours 5", "gone ../gone.png"]
    assert [picture["name"] for picture in metric["pictures"]] == ["counts"]
    assert metric["about"].startswith("digits train; 898 generated and 899 real images; features classifier b33d")


@pytest.mark.parametrize(("command", "flags", "base", "apart"), [
    (None, {"model": "mlp", "packing": 2}, "the recipe mlp", {"packing"}),
    (["x", "--flagfile=/a/configs/fgan_kl.flags"], {"model": "fgan"}, "the recipe fgan_kl", {"objective"}),
    (["x", "--steps=400"], {"model": "dcgan", "dataset": "mnist_5k"}, "the recipe dcgan_mnist_5k", {"steps"}),
    (None, {"model": "unheard_of", "seed": 3}, "the defaults", {"model", "seed"})])
def test_flags_that_differ_come_first(tmp_path, command, flags, base, apart):
    found = _data(_whole(tmp_path / "run", record={"command": command}, **flags))["flags"]
    assert found["base"] == base
    names = [name for name, *_ in found["differing"]]
    assert apart <= set(names)
    assert all(here != there for _, here, there in found["differing"])
    assert {*names, *(name for name, _ in found["others"])} == set(Experiment.__dataclass_fields__)


def test_class_names_are_told(tmp_path):
    path = _whole(tmp_path / "run", conditional=True)
    assert "A class a row. " in _data(path)["views"][0]["caption"]
    (path / "export" / "assets.extra").mkdir(parents=True)
    label = {"classes": [0, 2], "class_names": ["<b>ape", "bee", "cat"]}
    (path / "export" / "assets.extra" / "gan_zoo.json").write_text(json.dumps({"latent": {"label": label}}))
    assert "A class a row: <b>ape, cat. " in _data(path)["views"][0]["caption"]


def _no_record(path: Path) -> None:
    (path / "run.json").unlink()


def _written(name: str, content: bytes):
    def damage(path: Path) -> None:
        (path / name).write_bytes(content)

    return damage


def _arrays(name: str, **arrays):
    def damage(path: Path) -> None:
        np.savez(path / "checkpoints" / f"step_{STEPS:08d}" / name, **arrays)

    return damage


NEWEST = f"checkpoints/step_{STEPS:08d}"
DAMAGES = {
    "no record": (_no_record, "there is no run.json"),
    "a cut record": (_written("run.json", b'{"flags": '), "run.json can't be read"),
    "a record of something else": (_written("run.json", b"[]"), "run.json is damaged"),
    "cut metrics": (_written("metrics.json", b"{"), "metrics.json can't be read"),
    "metrics of something else": (_written("metrics.json", b'{"kid": {"results": 3}}'),
                                  "metrics.json: kid can't be read"),
    "texts in place of numbers": (_written("metrics.json", b'{"kid": {"results": {"kid": "a", "kid_floor": "b"}}}'),
                                  "metrics.json: kid can't be read"),
    "a cut picture": (_written("samples/step_00000120.png", b"\x89PNG\r\n"), "step_00000120.png can't be read"),
    "a cut picture of real images": (_written("real.png", b""), "real.png can't be read"),
    "a history of texts": (_arrays("history.npz", discriminator_loss=np.array(["a"])), "there are no curves"),
    "a cut history": (_written(f"{NEWEST}/history.npz", b"PK\x03\x04"), "history.npz can't be read: gan-zoo check"),
    "cut checks": (_written(f"{NEWEST}/judged.npz", b""), "judged.npz can't be read: gan-zoo check"),
    "no history": (lambda path: (path / NEWEST / "history.npz").unlink(), "there are no curves"),
    "checks of two lengths": (_arrays("judged.npz", **{"series/step": np.ones(2), "series/frechet": np.ones(3)}),
                              "the checks in the newest checkpoint can't be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_wrong_is_told_and_the_rest_is_shown(tmp_path, damage):
    inflict, message = DAMAGES[damage]
    path = _whole(tmp_path / "run")
    inflict(path)
    found = _data(path)
    assert [message in text for text in found["problems"]] == [True]
    assert found["views"]
    assert found["charts"]


def test_a_run_that_has_only_begun(tmp_path):
    path = tmp_path / "run"
    path.mkdir()
    (path / ".lock").touch()
    found = _data(path)
    assert (found["views"], found["charts"], found["model"], found["flags"]) == ([], [], "", None)
    assert "the run was killed before its first round" in found["problems"][0]
    (path / "run.flags").write_text("--model=mlp\n--dataset=digits\n")
    assert _data(path)["dataset"] == "digits"


def test_numbers_that_are_not_finite(tmp_path):
    path = _whole(tmp_path / "run", record={"seconds_training": float("nan"), "evaluation": {
        "best": {"step": 3, "frechet": float("inf")}}, "status": "stopped", "reason": "a number is not finite"})
    broken = {name: np.resize([1, np.nan, np.inf, -np.inf], STEPS) for name in HISTORY}
    _arrays("history.npz", **broken)(path)
    found = _data(path)
    assert found["problems"] == []
    assert (found["status"]["kind"], found["reason"]) == ("bad", "a number is not finite")
    assert found["charts"][0]["series"][0]["y"][:4] == [1, None, None, None]


def test_epochs_stand_in_for_a_history(tmp_path):
    path = _whole(tmp_path / "run")
    os.remove(path / NEWEST / "history.npz")
    (path / "epochs.csv").write_text("epoch,step,discriminator_loss,generator_loss\n1,60,1,2\n2,120,3,nan\n")
    loss = _data(path)["charts"][0]
    assert (loss["x"], loss["series"]) == ([60, 120], [{"label": "discriminator", "y": [1, 3]},
                                                       {"label": "generator", "y": [2, None]}])
