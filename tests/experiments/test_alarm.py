"""The alarm's experiment: faults as they are meant, counts by hand, published trainings, and one that is watched."""

import json
from pathlib import Path

import numpy as np
import pytest

from gan_zoo.experiment import Experiment
from gan_zoo.experiments import alarm_pictures, alarm_report, published_logs, series_files
from gan_zoo.experiments.alarm_cases import FIRST_SEED, SEEN, cases
from gan_zoo.experiments.faults import Made, few, without
from gan_zoo.experiments.watching import Watched, watch
from gan_zoo.judging import calibration
from gan_zoo.judging.words import COLLAPSED, DIVERGED, FAULTS
from tests.judging.test_rules import series, then


def _made(count=300) -> Made:
    """Images that are their number, the last digit of which is their class; `more` begins at 1000."""
    numbers = np.arange(count)[:, None, None, None]
    return Made(numbers, 1000 + numbers, lambda images: np.eye(10)[images.reshape(-1) % 10])


@pytest.mark.parametrize("count", [1, 7, 100])
def test_few_images(count):
    found = few(count, 50, seed=3).apply(_made())
    assert found.shape == _made().images.shape
    assert len(np.unique(found)) == pytest.approx(count, abs=0.1 * count)
    np.testing.assert_array_equal(found, few(count, 50, seed=3).apply(_made()))


@pytest.mark.parametrize("dropped", [1, 5])
def test_classes_are_dropped_and_others_stand_in(dropped):
    found = without(dropped, 50, seed=3).apply(_made()).reshape(-1)
    assert len(np.unique(found % 10)) == 10 - dropped
    assert len(np.unique(found)) == 300  # no image twice
    kept = found < 1000
    np.testing.assert_array_equal(found[kept], np.arange(300)[kept])
    np.testing.assert_array_equal(np.unique(np.arange(300)[~kept] % 10),
                                  np.setdiff1d(np.arange(10), np.unique(found % 10)))


def test_images_that_look_half_like_a_lost_class_are_lost():
    """Each looks like its last digit, and by .2 like the next."""
    made = _made()._replace(classify=lambda images: 0.8 * np.eye(10)[images.reshape(-1) % 10]
                            + 0.2 * np.eye(10)[(images.reshape(-1) + 1) % 10])
    left = np.unique(without(1, 50, seed=3).apply(made).reshape(-1) % 10)
    lost = np.setdiff1d(np.arange(10), left)
    assert len(lost) == 2
    assert (lost[1] - lost[0]) % 10 in (1, 9)


def test_the_published_trainings():
    """43 in nats, 16 of them degraded; the rule was chosen on those of Tiny ImageNet."""
    logs = published_logs.logs()
    assert len(logs) == 43
    assert {dataset: published_logs.outcome([log for log in logs if log.dataset == dataset])
            for dataset in ("TINY_IMAGENET", "CIFAR10")} == {
        "TINY_IMAGENET": published_logs.Outcome(degraded=11, found=8, healthy=10, false=0),
        "CIFAR10": published_logs.Outcome(degraded=5, found=5, healthy=17, false=0)}


def test_the_rule_of_the_loss_on_its_own():
    steps, fine = np.arange(2000, 102_000, 2000), np.linspace(1.4, 0.5, 50)
    assert published_logs.alarm(steps, fine) is None
    assert published_logs.alarm(steps, np.where(steps > 60_000, 0.05, fine)) == 30
    assert published_logs.alarm(steps, np.where(steps <= 4000, 0.01, fine)) is None  # the beginning
    rising = np.where(steps > 60_000, fine + 0.4, fine)
    assert published_logs.alarm(steps, rising) == 31  # the median of three needs two


def test_the_cases_are_as_many_as_promised():
    found = list(cases())
    counts = {part: sum(case.part == part for case in found) for part in ("calibration", "healthy", "faulty")}
    assert counts["calibration"] >= 39
    assert min(counts["healthy"], counts["faulty"]) >= 40
    assert len({case.name for case in found}) == len(found)
    assert all(set(case.words) <= FAULTS and bool(case.words) == (case.part == "faulty") for case in found)
    calibrating = {case.flags for case in found if case.part == "calibration"}
    assert not calibrating & {case.flags for case in found if case.part != "calibration"}
    assert len(SEEN) == len({case.name.rsplit("_", 1)[0] for case in found if case.seen})


def test_what_is_said_of_a_run():
    well = alarm_report.said(Watched(series(), 10.0), 1.0)
    assert (well.step, well.verdict, well.last, well.delay) == (None, "", "healthy", None)
    ill = alarm_report.said(Watched(series(distinct=then(np.nan, 123.0)), 10.0), 1.0, seen=2000)
    assert (ill.step, ill.verdict, ill.last) == (2200, COLLAPSED, "collapsed: about 120 distinct images")
    assert (ill.delay, ill.images) == ((200, 20.0), 123)
    gone = alarm_report.said(Watched(series(), 10.0, diverged=2950), 1.0)
    assert (gone.step, gone.verdict) == (2950, DIVERGED)


def test_a_report_by_hand(tmp_path):
    """Of series made up for some cases: all calibration runs alike, two false alarms, one fault missed."""
    found = [case for case in cases() if case.part == "calibration" or case.name.endswith(f"_{FIRST_SEED}")]
    ill = series(spread=then(0.9, 0.001), coverage=then(0.9, 0.01))
    parts = {part: [case for case in found if case.part == part] for part in ("calibration", "healthy", "faulty")}
    wrong = {*parts["healthy"][:2], *parts["faulty"][1:]}
    for case in found:
        series_files.write(case.path(tmp_path), Watched(ill if case in wrong else series(), 10.0))
        for fault in alarm_report._faults() if case.injected else ():
            after = series(distinct=then(np.nan, 10.0))
            series_files.write(case.path(tmp_path, fault), Watched(after, 10.0, fault=1900))
    report = alarm_report.report(tmp_path, found)
    assert report["calibration"]["runs"] == len(parts["calibration"])
    assert report["healthy"]["alarms"]["count"] == 2
    assert report["faulty"]["found"]["count"] == len(parts["faulty"]) - 1
    assert report["injected"]["few_10"]["right_word"]["count"] == report["injected"]["few_10"]["found"]["of"]
    assert report["injected"]["few_10"]["number_close"]["count"] == report["injected"]["few_10"]["found"]["of"]
    assert report["injected"]["few_1000"]["number_close"]["count"] == 0
    assert report["injected"]["few_1"]["right_word"]["count"] == 0  # it says that there are about 10
    assert report["injected"]["without_1"]["delay_epochs"] == 30
    assert report["injected"]["without_1"]["number_close"]["count"] == 0  # it says nothing of classes
    assert f"| healthy | 2 of {len(parts['healthy'])} |" in alarm_report.as_text(report)


@pytest.mark.parametrize(("last", "close"), [
    ("collapsed: about 7 of 10 classes", True), ("collapsed: about 6 of 10 classes", True),
    ("collapsed: about 9 of 10 classes", False), ("collapsed: about 7 distinct images", False), ("healthy", False)])
def test_three_lost_classes_are_counted_within_one(last, close):
    said = alarm_report.said(Watched(series(), 10.0), 1.0)._replace(last=last)
    assert alarm_report._lost_close(said, 3) == close


def test_bounds_of_a_share():
    """Clopper and Pearson: 0 of n has the upper bound 1 − .025^(1/n)."""
    assert alarm_report._share([False] * 40)["bounds"] == [0, pytest.approx(1 - 0.025 ** (1 / 40), abs=1e-4)]


def test_a_training_is_watched_with_and_without_a_fault(tmp_path):
    experiment = Experiment(model="mlp(generator=[None, 8, None], discriminator=[None, 8, 1])", dataset="digits",
                            image_size=8, latent="normal(4)", batch_size=8, steps=40, evaluate_every_steps=10)
    found = watch(experiment, {"one": few(1, 25, seed=0)})
    healthy, faulty = found[""], found["one"]
    np.testing.assert_array_equal(healthy.series["step"], [10, 20, 30, 40])
    for name in ("spread", "coverage"):
        np.testing.assert_array_equal(healthy.series[name][:2], faulty.series[name][:2])
    assert (faulty.series["spread"][2:] == 0).all()
    assert (healthy.series["spread"] > 0).all()
    assert (healthy.fault, faulty.fault, healthy.epoch) == (None, 25, 1797 / 8)
    assert healthy.strip.shape == (4, 12, 8, 8, 1)
    series_files.write(tmp_path / "faulty" / "it", faulty)
    again = series_files.read(tmp_path / "faulty" / "it")
    np.testing.assert_equal(dict(again.series.values), dict(faulty.series.values))
    assert (again.fault, again.diverged, again.epoch) == (25, None, faulty.epoch)
    drawn = alarm_pictures.draw(tmp_path, tmp_path, 1.0)
    assert drawn == {"too early to tell": tmp_path / "verdict_too_early_to_tell.png"}
    assert all(path.is_file() for path in drawn.values())




def test_the_page_shows_the_counts_that_are_kept():
    docs = Path(__file__).parents[2] / "docs"
    record = json.loads((docs / "alarm.json").read_text(encoding="utf-8"))
    page = (docs / "reading_a_run.md").read_text(encoding="utf-8")
    table = [line for line in alarm_report.as_text(record).splitlines() if line.startswith("|")]
    assert "\n".join(table) in page
    assert record["calibration"]["scores"] == json.loads(calibration.FILE.read_text(encoding="utf-8"))["scores"]
    shares = [record["faulty"], *record["injected"].values()]
    found, right = (sum(each[name]["count"] for each in shares) for name in ("found", "right_word"))
    assert f"{found} of {sum(each['found']['of'] for each in shares)} faults were found, {right} of them" in page
