"""The rules that tell a fault from what a run has seen of itself: each takes the series and gives a finding, or None.

A finding is a verdict with its evidence. The order of RULES is that in which they are asked. What the verdicts look
like: docs/reading_a_run.md; how often they err, and on which runs the numbers below were chosen:
`python -m gan_zoo.experiments.alarm`.
"""

import math

import numpy as np

from gan_zoo.judging.groups import CLUSTERS, MODES
from gan_zoo.judging.series import ARMED, Series
from gan_zoo.judging.words import (
    COLLAPSED,
    COLLAPSING,
    CYCLING,
    DISCRIMINATOR_WON,
    GENERATOR_WON,
    HEALTHY,
    NOT_STARTED,
    PAST_BEST,
    SAME,
    TOO_EARLY,
    Finding,
)

_SAME = 0.02  # of the spread of real images: less, and all images look the same
_VARIED = 0.1  # of it: more, and a run had begun to vary
_ALIKE = 0.5  # of it: less, and the images move as one
_WINDOW, _JUMPS = 10, 5  # checks in which a cycle is looked for, and how many of them are jumps
_JUMP = 0.2  # squared distance of the mean image from one check to the next, over the real spread
_CHANGED, _DOMINATES = 0.5, 0.4  # churn, and the share of the largest class, when the dominating class changes
_RECENT = 3  # checks that must agree
_SURE = 0.99  # accuracy of a discriminator that has won
_FOOLED = 0.1  # accuracy on generated images of one that has lost
_POOR = 0.5  # coverage below which a generator that faces a sure or fooled discriminator is lost, over real images'
_STARTED, _CAME = 0.05, 2  # coverage, and how many times it a run had that is said to have lost it
_ROUNDS, _MOST_ROUNDS, _SHARE = 1000, 5000, 0.2  # a start takes a fifth of the run, within these
_BETTER, _PART, _FEWEST = 0.9, 4, 5  # times the best Fréchet distance before the last quarter of the checks, or 5
_WORSE, _WORSE_CHECKS = 1.3, 5  # times the best Fréchet distance, in so many checks
_FALL, _LOSS = math.log(2), math.log(4)  # of the coverage, and of the worst class, that make a score of 1
_LEAST_CLASS = 0.05  # share of a class over its share of real images, below which it counts as lost
_FEW, _MANY = 1000, 4000  # different images; more than many are as good as all
_PART_OF_CLASSES = 0.7  # of the classes, at which a run that gets no better is stuck, as at few images


def warm_up(series: Series) -> float:
    """Rounds in which a start is not yet overdue."""
    return min(max(_SHARE * series.total, _ROUNDS), _MOST_ROUNDS)


def improves(series: Series) -> bool:
    """Whether the Fréchet distance still falls to new lows: by a tenth in the last quarter of the checks."""
    distance, recent = series.smooth("frechet"), _recent_checks(series)
    return len(series) <= recent or distance[-recent:].min() < _BETTER * distance[:-recent].min()


def _recent_checks(series: Series) -> int:
    """How many the last quarter has, at least 5."""
    return max(_FEWEST, len(series) // _PART)


def _overdue(series: Series) -> bool:
    """A good start should have come by now, and nothing gets better."""
    return series.step >= warm_up(series) and not improves(series)


def _ended(series: Series) -> bool:
    """The run is over, and was long enough for a good start."""
    return series.step >= max(series.total, warm_up(series))


def scores(series: Series) -> dict[str, float]:
    """How far a run has fallen since it had started well, by what fell: 0 if not at all, or if it has not started.

    coverage: 1 if the smoothed coverage has halved since its best. classes: 1 if the share of the worst class or mode
    has fallen to about a quarter, or the number of clusters, whose shares are noise, to a half. distinct: 1 if a
    quarter is left of the most different images since the start, where more than 4,000 count as so many. (Before it
    noise is many.)
    """
    if series.armed is None:
        return {"coverage": 0.0, "classes": 0.0, "distinct": 0.0}
    name, least, unit = ("classes", 1, _FALL) if series.kind == CLUSTERS else ("worst_class", _LEAST_CLASS, _LOSS)
    coverage, classes = (series.smooth(each)[series.begun:] for each in ("coverage", name))
    return {"coverage": math.log(coverage.max() / max(coverage[-1], 1e-3)) / _FALL,
            "classes": math.log((classes.max() + least) / (classes[-1] + least)) / unit,
            "distinct": _fewer(series.distinct[series.armed:].max(), series.distinct[-1])}


def _fewer(before: float, now: float) -> float:
    """How far the number of different images has fallen: 1 if from many to few, 0 if it has not."""
    return math.log(min(before, _MANY) / min(now, _MANY)) / math.log(_MANY / _FEW)


def same(series: Series, threshold: float) -> Finding | None:
    """All images of three checks are the same, and there was a start, or one is overdue."""
    spread = series["spread"]
    begun = _overdue(series) or series.smooth("spread").max() > _VARIED
    if len(series) < _RECENT or not begun or not (spread[-_RECENT:] <= _SAME).all():
        return None
    jumps = int((series.last("movement", _WINDOW) > _JUMP).sum())
    where = f"; it jumped in {jumps} of the last {min(len(series), _WINDOW)} checks" if jumps else ""
    return Finding(SAME, "", f"they differ by {spread[-1]:.1%} of what real images differ{where}")


def cycling(series: Series, threshold: float) -> Finding | None:
    """What is generated jumps as a whole from one thing to another, again and again, and gets nowhere."""
    if not _overdue(series):
        return None
    churn, top, moved = (series.last(name, _WINDOW) for name in ("churn", "top_class", "movement"))
    alike = series.last("spread", _WINDOW) < _ALIKE
    jumps = int((alike & ((churn > _CHANGED) & (top > _DOMINATES) | (moved > _JUMP))).sum())
    if jumps < _JUMPS:
        return None
    return Finding(CYCLING, "", f"the images changed as a whole {jumps} times in the last {len(churn)} checks, and "
                                f"differ among themselves by {series['spread'][-1]:.0%} of what real images differ")


def discriminator_won(series: Series, threshold: float) -> Finding | None:
    """The discriminator is sure of nearly every image, and what is generated is poor."""
    real, generated = (series.last(name, _RECENT) for name in ("accuracy_real", "accuracy_generated"))
    if not _lost(series) or not (np.minimum(real, generated) > _SURE).all() or len(real) < _RECENT:
        return None
    return Finding(DISCRIMINATOR_WON, "", f"it tells {real[-1]:.1%} of real and {generated[-1]:.1%} of generated "
                                          f"images; coverage is {series['coverage'][-1]:.2f} (real images: 1)")


def generator_won(series: Series, threshold: float) -> Finding | None:
    """The discriminator takes nearly all that is generated for real, and it is poor."""
    generated = series.last("accuracy_generated", _RECENT)
    if not _lost(series) or not (generated < _FOOLED).all() or len(generated) < _RECENT:
        return None
    return Finding(GENERATOR_WON, "", f"the discriminator finds {generated[-1]:.1%} of generated images, yet their "
                                      f"coverage is {series['coverage'][-1]:.2f} (real images: 1)")


def _lost(series: Series) -> bool:
    """A start is overdue, and what is generated is poor."""
    return _overdue(series) and series.smooth("coverage")[-1] < _POOR


def stuck(series: Series, threshold: float) -> Finding | None:
    """What never came to cover half of the real images and gets no better is few images, or a part of the classes."""
    if series.armed is not None or not _overdue(series):
        return None
    coverage, classes = (series.smooth(name)[-1] for name in ("coverage", "classes"))
    evidence = f"coverage is {coverage:.2f} (real images: 1) and rises no more"
    if series.distinct[-1] < _FEW:
        return _few(series, evidence)
    if coverage >= _STARTED and classes <= _PART_OF_CLASSES * series.groups:
        return _some_classes(series, evidence)
    return None


def never_many(series: Series, threshold: float) -> Finding | None:
    """Images are good and get no better, or the run is over; but there never were many different ones."""
    if series.armed is None or not (_ended(series) or (_settled(series) and _overdue(series))):
        return None
    most = series.distinct[max(series.armed, len(series) - _recent_checks(series)):].max()
    if _fewer(_MANY, most) <= threshold:
        return None
    return _few(series, f"at most {_round(most)} in the last checks; "
                        f"coverage is {series['coverage'][-1]:.2f} (real images: 1)")


def never_all(series: Series, threshold: float) -> Finding | None:
    """Images are good and get no better, or the run is over; but some classes or modes never came.

    In medians of three checks, whose shares are noise; those of clusters are so all the more, and don't count.
    """
    recent, classes = _recent_checks(series), series.smooth("classes")
    if not _settled(series) or not (_overdue(series) or _ended(series)) or series.kind == CLUSTERS:
        return None
    before, now = classes[series.begun:-recent].max(initial=0), classes[-recent:].max()
    if max(before, now) >= series.groups or (now > before and not _ended(series)):
        return None
    return _some_classes(series, f"at most {now:.0f} {series.kind} in the last {recent} checks")


def _settled(series: Series) -> bool:
    """There was a good start before the last quarter of the checks."""
    return series.armed is not None and series.armed <= len(series) - _recent_checks(series)


def not_started(series: Series, threshold: float) -> Finding | None:
    """Nothing generated comes near real images, and a start is overdue, or the run is over; or it came and went."""
    coverage = series.smooth("coverage")
    if series.armed is not None or not (_overdue(series) or _ended(series)) or coverage[-1] >= _STARTED:
        return None
    best = coverage.max()
    if best < _STARTED:
        return Finding(NOT_STARTED, "", f"coverage never passed {best:.3f} (real images: 1)")
    return Finding(COLLAPSING if best > _CAME * _STARTED else NOT_STARTED, "",
                   f"coverage is {coverage[-1]:.3f} (real images: 1), after {best:.3f} at best")


def collapsed(series: Series, threshold: float) -> Finding | None:
    """Coverage, a class or the number of different images has fallen further than in the runs of the calibration."""
    found = scores(series)
    if max(found.values()) <= threshold:
        return None
    coverage, classes, worst = (series.smooth(name) for name in ("coverage", "classes", "worst_class"))
    evidence = f"coverage is {coverage[-1]:.2f} (real images: 1), after {coverage.max():.2f}"
    if found["distinct"] > threshold and found["distinct"] >= found["classes"]:
        return _few(series, evidence)
    if found["classes"] > threshold and classes[-1] < series.groups:
        return _some_classes(series, evidence)
    if found["classes"] > found["coverage"]:
        evidence = f"the rarest of the {series.kind} has {worst[-1]:.2f} of its share, after {worst.max():.2f}"
    return Finding(COLLAPSING, "", evidence)


def _few(series: Series, evidence: str) -> Finding:
    return Finding(COLLAPSED, f"about {_round(series.distinct[-1])} distinct images", evidence)


def _some_classes(series: Series, evidence: str) -> Finding:
    """Of the classes."""
    classes, worst = (series.smooth(name)[-1] for name in ("classes", "worst_class"))
    return Finding(COLLAPSED, f"about {classes:.0f} of {series.groups} {series.kind}",
                   f"the rarest has {worst:.2f} of its share; {evidence}")


def past_best(series: Series, threshold: float) -> Finding | None:
    """The Fréchet distance stays well above its best; that of points is at its best before their modes are sharp."""
    if series.armed is None or series.kind == MODES:
        return None
    distance = series.smooth("frechet")
    best = int(np.nanargmin(distance))
    if len(distance) - best <= _WORSE_CHECKS:
        return None
    if (distance[-_WORSE_CHECKS:] < _WORSE * max(distance[best], 1)).any():  # below 1 is as good as real, and chance
        return None
    step = int(series["step"][int(np.nanargmin(series["frechet"]))])
    return Finding(PAST_BEST, f"since step {step:,}",
                   f"the Fréchet distance is {distance[-1]:.2f} (real images: 1), after {distance[best]:.2f}")


def young(series: Series, threshold: float) -> Finding | None:
    """Images do not cover half of what real ones do."""
    if series.armed is not None or series["coverage"][-1] >= ARMED:
        return None
    return Finding(TOO_EARLY, "", f"coverage is {series['coverage'][-1]:.2f} (real images: 1)")


RULES = (cycling, generator_won, same, discriminator_won, stuck, not_started, collapsed, never_many, never_all,
         past_best, young)


def judge(series: Series, threshold: float) -> Finding:
    """What the first rule that applies finds. threshold: of `scores`, see calibration."""
    for rule in RULES:
        if found := rule(series, threshold):
            return found
    return Finding(HEALTHY, "", f"coverage is {series['coverage'][-1]:.2f} (real images: 1)")


def _round(count: float) -> str:
    """A count to two digits."""
    digits = max(0, math.floor(math.log10(max(count, 1))) - 1)
    return f"{round(count, -digits):,.0f}"
