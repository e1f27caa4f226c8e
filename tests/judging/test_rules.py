"""Verdicts on series made up for them: each rule speaks where it should, and only there."""

import numpy as np
import pytest

from gan_zoo.judging import rules
from gan_zoo.judging.advice import REMEDIES
from gan_zoo.judging.series import NAMES, Series
from gan_zoo.judging.words import (
    COLLAPSED,
    COLLAPSING,
    CYCLING,
    DISCRIMINATOR_WON,
    FAULTS,
    GENERATOR_WON,
    HEALTHY,
    NOT_STARTED,
    PAST_BEST,
    SAME,
    TOO_EARLY,
    Finding,
)

CHECKS, EVERY = 30, 100
RISING = np.linspace(0, 1, CHECKS)


def series(kind="classes", **changed) -> Series:
    """A run that goes well, 30 checks of 100 rounds, but for what is given: a number, or one for each check."""
    values = {"step": EVERY * np.arange(1, CHECKS + 1), "total": EVERY * CHECKS,
              "frechet": 100 * 0.85 ** np.arange(CHECKS), "coverage": RISING, "spread": RISING,
              "distinct": np.nan, "worst_class": 0.8 * RISING,
              "classes": np.round(10 * RISING), "top_class": 0.2, "churn": 0.2, "movement": 0.02,
              "discriminator_loss": 1.3, "accuracy_real": 0.6, "accuracy_generated": 0.6, **changed}
    assert values.keys() == set(NAMES)
    full = {name: np.broadcast_to(np.asarray(value, float), CHECKS) for name, value in values.items()}
    return Series(full, 10, kind)


def then(before, after, at=20) -> np.ndarray:
    """A value until a check, another from it on."""
    return np.where(np.arange(CHECKS) < at, before, after)


FLAT = 100.0  # a Fréchet distance that gets no better
POOR = {"coverage": 0.2, "worst_class": 0.0, "frechet": FLAT}

CASES = {
    "well": ({}, HEALTHY, ""),
    "same": (POOR | {"spread": 0.001, "coverage": 0.0}, SAME, ""),
    "same after a start": ({"spread": then(0.9, 0.001), "coverage": then(0.9, 0.01)}, SAME, ""),
    "classes change": (POOR | {"spread": 0.3, "churn": np.arange(CHECKS) % 2, "top_class": 0.7}, CYCLING, ""),
    "the image jumps": (POOR | {"spread": 0.01, "movement": 0.4}, CYCLING, ""),
    "sure discriminator": (POOR | {"spread": 0.5, "accuracy_real": 0.999, "accuracy_generated": 0.999},
                           DISCRIMINATOR_WON, ""),
    "fooled discriminator": (POOR | {"spread": 0.5, "accuracy_generated": 0.02}, GENERATOR_WON, ""),
    "nothing": (POOR | {"coverage": 0.01, "spread": 0.5}, NOT_STARTED, ""),
    "never more than few": (POOR | {"coverage": 0.1, "distinct": 40.0}, COLLAPSED, "about 40 distinct images"),
    "never more than some classes": (POOR | {"classes": 4}, COLLAPSED, "about 4 of 10 classes"),
    "never more than some modes": (POOR | {"classes": 4, "kind": "modes"}, COLLAPSED, "about 4 of 10 modes"),
    "a class that never came": ({"classes": np.minimum(9, np.round(20 * RISING)), "worst_class": 0.1, "frechet": 5},
                                COLLAPSED, "about 9 of 10 classes"),
    "a mode that never came": ({"classes": np.minimum(9, np.round(20 * RISING)), "worst_class": 0.1, "kind": "modes"},
                               COLLAPSED, "about 9 of 10 modes"),
    "a class that is there now and then": ({"classes": 9 + (np.arange(CHECKS) % 4 > 1)}, HEALTHY, ""),
    "a class that was there, and is rare": ({"classes": then(10, 9), "worst_class": then(0.3, 0.22)}, HEALTHY, ""),
    "one of two classes has come at last": ({"classes": then(8, 9, at=24), "worst_class": 0.1}, COLLAPSED,
                                            "about 9 of 10 classes"),
    "a cluster that never came": ({"classes": 9, "worst_class": 0.1, "kind": "clusters"}, HEALTHY, ""),
    "away again at the end": ({"coverage": then(0.2, 0.01), "worst_class": 0, "classes": 2}, COLLAPSING, ""),
    "hardly there at the end": ({"coverage": then(0.06, 0.04), "worst_class": 0, "classes": 2}, NOT_STARTED, ""),
    "nothing, but better all the time": ({"coverage": 0.01, "worst_class": 0, "classes": 2}, NOT_STARTED, ""),
    "the rarest class falls": ({"coverage": 0.9, "worst_class": then(0.9, 0.15)}, COLLAPSING, ""),
    "few": ({"distinct": then(np.nan, 123.0)}, COLLAPSED, "about 120 distinct images"),
    "fewer than there were": ({"distinct": then(900.0, 200.0)}, COLLAPSED, "about 200 distinct images"),
    "never many": ({"distinct": 300.0, "frechet": 5}, COLLAPSED, "about 300 distinct images"),
    "few after a late start": ({"distinct": 300.0, "coverage": then(0.3, 0.9, at=26)}, COLLAPSED,
                               "about 300 distinct images"),
    "few, but ever more": ({"distinct": np.linspace(300, 5000, CHECKS), "frechet": 5}, HEALTHY, ""),
    "a class is lost": ({"worst_class": then(0.8, 0.0), "classes": then(10, 9)}, COLLAPSED, "about 9 of 10 classes"),
    "clusters are lost": ({"classes": then(10, 3), "kind": "clusters"}, COLLAPSED, "about 3 of 10 clusters"),
    "coverage falls": ({"coverage": then(0.9, 0.2), "worst_class": 0.8}, COLLAPSING, ""),
    "it was better": ({"coverage": 0.8, "frechet": then(5.0, 9.0)}, PAST_BEST, "since step 100"),
    "points that grow sharp": ({"coverage": 0.8, "frechet": then(5.0, 9.0), "kind": "modes"}, HEALTHY, ""),
    "better than real": ({"coverage": 0.8, "frechet": then(0.5, 1.2)}, HEALTHY, ""),
    "poor, but better all the time": ({"coverage": 0.2, "accuracy_real": 1, "accuracy_generated": 1}, TOO_EARLY, ""),
    "moved, but better all the time": ({"coverage": 0.2, "movement": 0.5, "spread": 0.3}, TOO_EARLY, ""),
    "good at last": ({"coverage": then(0.2, 0.8, at=29)}, HEALTHY, ""),
    "poor": (POOR | {"classes": 9}, TOO_EARLY, ""),
    "noise of small clusters": ({"coverage": 0.9, "worst_class": then(0.5, 0.0), "classes": then(10, 8),
                                 "kind": "clusters"}, HEALTHY, ""),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_verdicts(name):
    changed, verdict, about = CASES[name]
    found = rules.judge(series(**changed), 1.0)
    assert (found.verdict, found.about) == (verdict, about)
    assert found.evidence
    assert found.is_fault == (verdict in FAULTS)


def test_a_class_that_never_came_is_waited_for():
    """While the images get better, and until the run is over, it may come yet."""
    missing = series(classes=np.minimum(9, np.round(20 * RISING)), worst_class=0.1)
    assert [rules.judge(missing.up_to(checks), 1.0).verdict for checks in (28, 29, 30)] == [HEALTHY, HEALTHY, COLLAPSED]
    assert "at most 9 classes in the last 7 checks" in rules.judge(missing, 1.0).evidence


def test_many_images_are_waited_for():
    """Where they are few from the beginning, and the rest gets better, as InfoGAN's."""
    few = series(distinct=300.0)
    assert [rules.judge(few.up_to(checks), 1.0).verdict for checks in (28, 29, 30)] == [HEALTHY, HEALTHY, COLLAPSED]
    assert rules.judge(few, 1.0).evidence == "at most 300 in the last checks; coverage is 1.00 (real images: 1)"


def test_what_has_fallen_is_the_evidence():
    found = rules.judge(series(coverage=0.9, worst_class=then(0.9, 0.15)), 1.0)
    assert found.evidence == "the rarest of the classes has 0.15 of its share, after 0.90"


def test_every_fault_is_tried_and_has_a_flag():
    assert {verdict for _, verdict, _ in CASES.values()} >= FAULTS - {"diverged"}
    assert {verdict for _, verdict, _ in CASES.values()} >= {HEALTHY, TOO_EARLY, PAST_BEST}
    assert set(REMEDIES) == FAULTS | {PAST_BEST}


@pytest.mark.parametrize("name", sorted(CASES))
def test_nothing_is_a_fault_before_a_start_is_due(name):
    """A fifth of the run, at least 1,000 rounds; but what had varied and does no more may be said at once."""
    early = series(**CASES[name][0]).up_to(9)
    found = rules.judge(early, 1.0)
    assert found.verdict in (TOO_EARLY, HEALTHY) or (found.verdict == SAME and early["spread"].max() > 0.1)


def test_a_fall_needs_three_checks():
    """Two of three, as the median has it."""
    fallen = series(coverage=then(0.9, 0.01, at=20), worst_class=0.8)
    assert [rules.judge(fallen.up_to(checks), 1.0).is_fault for checks in (20, 21, 22)] == [False, False, True]


def test_a_higher_threshold_says_less():
    fallen = series(coverage=then(0.8, 0.35), worst_class=0.8)
    assert rules.scores(fallen)["coverage"] == pytest.approx(np.log(0.8 / 0.35) / np.log(2))
    assert rules.judge(fallen, 1.0).verdict == COLLAPSING
    assert rules.judge(fallen, 1.3).verdict == HEALTHY


def test_scores_by_hand():
    found = rules.scores(series(coverage=then(0.8, 0.2), worst_class=then(0.75, 0.15), distinct=then(np.nan, 250.0)))
    assert found == pytest.approx({"coverage": 2.0, "classes": 1.0, "distinct": 2.0})
    assert [rules.scores(series(distinct=then(np.nan, count)))["distinct"] for count in (1000.0, 2000.0, 4001.0)] == (
        pytest.approx([1, 0.5, 0]))
    found = rules.scores(series(kind="clusters", coverage=0.8, classes=then(9, 4)))
    assert found == pytest.approx({"coverage": 0.0, "classes": 1.0, "distinct": 0.0})
    assert set(rules.scores(series(coverage=0.4)).values()) == {0.0}


def test_one_check():
    assert rules.judge(series().up_to(1), 1.0).verdict == TOO_EARLY


def test_words_for_people():
    found = Finding(COLLAPSED, "about 4 of 10 classes", "the rarest has 0.00 of its share", "--packing=2")
    assert found.short == "collapsed: about 4 of 10 classes"
    assert str(found) == "collapsed: about 4 of 10 classes: the rarest has 0.00 of its share. Try --packing=2"
    assert str(Finding(HEALTHY, "", "coverage is 0.90")) == "healthy: coverage is 0.90"
