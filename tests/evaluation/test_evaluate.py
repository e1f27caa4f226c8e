"""The command line that measures a run: its images, its records, its remarks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy.special import logsumexp

from gan_zoo import data
from gan_zoo.commands import evaluate
from gan_zoo.evaluation import parts
from gan_zoo.experiment import Experiment
from gan_zoo.metrics import metrics
from tests.data_request import request
from tests.evaluation.tiny import QUICK, SHAPE, drawn, evaluate_tiny, read_records, write_flags

ROOT = Path(__file__).parents[2]


def _record(*argv: str) -> dict:
    evaluate_tiny(*argv)
    return next(iter(read_records().values()))


def _score(samples, test, sigma) -> float:
    samples, test = (images.reshape(len(images), -1) / 255 for images in (samples, test))
    return np.mean([logsumexp(-np.sum((x - samples)**2, axis=1) / (2 * sigma**2)) for x in test]
                   ) - np.log(len(samples)) - samples.shape[1] / 2 * np.log(2 * np.pi * sigma**2)


def _digits(split: str) -> np.ndarray:
    return data.load(request("digits", split=split, image_size=8)).images


@pytest.mark.parametrize("seed", [0, 5])
def test_it_scores_what_generate_gives(run_dir, seed):
    record = _record(f"--seed={seed}", "--test_split=train[1500:1700]")
    loaded = tf.saved_model.load(str(run_dir / "export"))
    samples = loaded.generate(num_images=300, seed=seed)["images"].numpy()
    results = record["results"]
    assert results["log_likelihood_nats"] == pytest.approx(
        _score(samples, _digits("train[1500:1700]"), results["sigma"]))
    assert record["provenance"]["seeds"] == [seed]
    assert (results["samples"], results["test_images"], results["validation_images"]) == (300, 200, 50)


def test_the_record(run_dir):
    record = _record("--test_split=train[1500:]", "--validation_split=train[1400:1500]")
    about = record["provenance"]
    assert about["step"] == 1234  # the export's, which may be older than the run
    assert record["tensorflow"] == tf.__version__
    assert record["date"].endswith("+00:00")
    assert about["remark"] is None
    assert (about["generator"], about["pixel_range"], about["samples"]) == ("as trained", [0, 255], 300)
    assert about["splits"] == {"validation": "train[1400:1500]", "test": "train[1500:]"}
    assert len(set(about["fingerprints"].values())) == 2
    assert {part: text[:36] for part, text in about["data"].items()} == {
        "validation": "digits train[1400:1500]: 100 images ", "test": "digits train[1500:]: 297 images of 8"}
    assert sorted(os.listdir(run_dir)) == ["export", "metrics.json", "run.json"]


def test_records_are_merged_by_the_metrics_call(capsys):
    Path("runs/tiny/metrics.json").write_text('{"mine": {"results": 1}}')
    evaluate_tiny("--metrics=kde(samples=30) + parzen(samples=20)")
    capsys.readouterr()
    evaluate_tiny("--metrics=parzen( samples = 20 )", "--seed=7")
    records = read_records()
    assert list(records) == ["mine", "kde(samples=30)", "parzen(samples=20)"]
    assert [record["provenance"]["seeds"] for record in list(records.values())[1:]] == [[0], [7]]
    assert set(records["kde(samples=30)"]["provenance"]["data"]) == {"test"}  # it has looked at no other
    shown = capsys.readouterr().out
    value, error = (records["parzen(samples=20)"]["results"][f"log_likelihood_nats{end}"]
                    for end in ("", "_standard_error"))
    assert 0.01 < error < 0.0995
    assert f"log_likelihood_nats  {value:.3f} ± {error:.3f}\n" in shown
    assert "runs/tiny at step 1,234, seed 7\n" in shown
    assert "kept in runs/tiny/metrics.json" in shown


def test_provenance_does_not_depend_on_what_was_measured_before():
    """Images are loaded, and a feature space is fitted, when they are first wanted."""
    calls = [f"{name}('pca(components=3)', samples=50)" for name in ("frechet", "kid")] + ["checkerboard(samples=50)"]
    evaluate_tiny(f"--metrics={' + '.join(calls)}")
    together = read_records()
    evaluate_tiny(f"--metrics={' + '.join(calls[::-1])}", "--out=other")
    evaluate_tiny(f"--metrics={calls[1]}", "--out=alone", "--seeds=2")
    other, alone = (json.loads(Path(folder, "metrics.json").read_text()) for folder in ("other", "alone"))
    about = {call: together[call]["provenance"] for call in calls}
    assert about == {call: other[call]["provenance"] for call in calls}
    assert alone[calls[1]]["provenance"] == about[calls[1]] | {"seeds": [0, 1]}
    assert set(about[calls[0]]["fingerprints"]) == set(about[calls[1]]["fingerprints"]) == {"train", "test"}
    assert all(each["remark"] for each in about.values())


@pytest.mark.parametrize(("trained", "scored", "remark"), [
    ("train", None, "no held-out images: all of train is in train, from which the samples come"),
    ("train[:1500]", None, "no held-out images: all of train[:1500] is in train[:1500], from which the samples come"),
    ("train[:1500]", "train[1400:1600]", "50% of train[1400:1600] is in train[:1500], from which the samples come"),
    ("train[:1500]", "train[1500:]", None)])
def test_images_that_were_trained_on_are_told(capsys, trained, scored, remark):
    write_flags(split=trained)
    record = _record(*([f"--test_split={scored}"] if scored else []))
    assert record["provenance"]["remark"] == remark
    assert (f"remark: {remark}" in capsys.readouterr().out) == bool(remark)


def test_the_default_splits_where_there_are_a_test_split_and_many_images():
    sizes = {"train": 60_000, "test": 10_000}
    assert parts._validation_split(sizes, "train") == "train[-10000:]"
    assert parts._validation_split({"train": 10_000}, "train[:5]") == "train"
    assert parts._validation_split({"test": 10}, "test[:5]") == "test[:5]"
    real = parts.RealImages(Experiment(dataset="two_splits"), (8, 8, 1), "it")
    assert (real.splits["test"], real.remark) == ("test", None)


@pytest.fixture(autouse=True)
def _two_splits(monkeypatch):
    def two_splits(request):
        return data.Source("two", (), 1, SHAPE, (), lambda: iter([]), {"train": 5, "test": 2})

    monkeypatch.setitem(data.datasets._builders, "two_splits", two_splits)


def test_the_part_of_the_images_that_is_looked_at_is_drawn_by_the_seed():
    """A folder may lie class by class: the first ones would be of one class."""
    metric, found = "--metrics=parzen(samples=300, test_images=10, validation_images=50)", []
    for seed in (0, 0, 1):
        evaluate.run(["--run_dir=runs/tiny", metric, "--dataset=digits", "--image_size=8", f"--seed={seed}"])
        found.append(next(iter(read_records().values()))["results"]["log_likelihood_nats"])
    assert found[0] == found[1] != found[2]


def test_a_folder_whose_pictures_vary_in_size_comes_in_the_size_trained_on(tmp_path):
    os.mkdir("pictures")
    for index in range(12):
        side = 8 if index % 2 else 20
        Image.fromarray(np.full([side, side], 20 * index, np.uint8)).save(f"pictures/{index}.png")
    write_flags(dataset="folder", data_dir="elsewhere", split="train[:50%]", image_size=None, channels=None)
    about = _record("--data_dir=pictures", "--test_split=train[50%:]")["provenance"]
    assert "6 images of 8x8x1" in about["data"]["test"]


def test_images_are_the_same_however_many_are_asked_for(run_dir):
    generate = drawn(run_dir, 3).generate
    few, many = generate(5), generate(600)
    np.testing.assert_array_equal(few, many[:5])
    np.testing.assert_array_equal(generate(300), many[:300])
    assert many.shape == (600, *SHAPE)
    assert many.dtype == np.uint8


def test_real_images_in_place_of_generated_ones(capsys):
    evaluate.run(["--dataset=digits", "--real=train[:700]", "--metrics=parzen", "--test_split=train[1500:1600]",
                  "--validation_split=train[1400:1500]"])
    shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  "))
    samples, test = (data.load(request("digits", split=split)).images
                     for split in ("train[:700]", "train[1500:1600]"))  # all of both, in whatever order
    sigma = np.logspace(-1, 0, 10)[np.argmin(abs(np.logspace(-1, 0, 10) - float(shown["sigma"])))]  # all its digits
    expected = _score(samples, test, sigma)
    assert float(shown["log_likelihood_nats"].split(" ± ")[0]) == pytest.approx(expected, abs=0.51)
    assert shown["samples"] == "700"
    assert os.listdir() == ["runs"]


class _Looks:
    """Looks at everything that a Subject has."""

    def __call__(self, subject):
        noise = subject.model.draw(7, subject.seed).noise
        return {"train": subject.train.count, "labels": len(set(subject.test.labels.tolist())), "drawn": len(noise),
                "size": subject.model.description.latent_size, "x": 0.0, "x_standard_error": 0.0}


def test_a_new_metric_is_one_registered_builder(monkeypatch, capsys):
    monkeypatch.setitem(metrics._builders, "looks", _Looks)
    results = _record("--metrics=looks")["results"]
    assert results | {"x": 0} == {"train": 1500, "labels": 10, "drawn": 7, "size": 6, "x": 0.0,
                                  "x_standard_error": 0.0}
    assert "  train   1,500\n" in capsys.readouterr().out


@pytest.mark.parametrize(("value", "error", "shown"), [
    (241.19, 2.13, "241.2 ± 2.1"), (-2101.4, 29.9, "-2,101 ± 30"), (0.12345, 0.0123, "0.123 ± 0.012"),
    (0.000999, 0.0, "0.000999 ± 0"), (9.0, 0.0, "9 ± 0"), (0.25, 1.26e-6, "0.25 ± 1.3e-06"),
    (0.16681005, None, "0.16681"), (16384, None, "16,384"), ("text", None, "text")])
def test_how_numbers_are_shown(value, error, shown):
    errors = {} if error is None else {"it_standard_error": error}
    assert evaluate.table("m", {"it": value, **errors}) == ["m", f"  it  {shown}"]


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_flag_and_metric(capsys, flag):
    evaluate.run([flag])
    shown = capsys.readouterr().out
    assert all(f"--{name}" in shown for name in evaluate.Request._fields)
    assert all(f"\n  {name}\n" in shown for name in metrics)


def _process(*argv: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    return subprocess.run([sys.executable, "-m", "gan_zoo.evaluate", *argv], capture_output=True, text=True,
                          timeout=300, check=False, env={**environment, "PYTHONPATH": str(ROOT)})


def test_in_a_process_of_its_own_it_is_quiet():
    done = _process("--run_dir=runs/tiny", QUICK)
    assert (done.returncode, done.stderr) == (0, "")
    assert "log_likelihood_nats" in done.stdout
    done = _process("--run_dir=runs/none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --run_dir=runs/none: there is no such folder")
    assert done.stderr.count("\n") == 1
