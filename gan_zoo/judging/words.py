"""The verdicts in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

HEALTHY, TOO_EARLY, PAST_BEST = "healthy", "too early to tell", "over the best"
NOT_STARTED, SAME, COLLAPSED, COLLAPSING, CYCLING, DISCRIMINATOR_WON, GENERATOR_WON, DIVERGED = (
    "not started", "all images are the same", "collapsed", "collapsing", "cycling", "the discriminator has won",
    "the generator has won", "diverged")

FAULTS = frozenset({NOT_STARTED, SAME, COLLAPSED, COLLAPSING, CYCLING, DISCRIMINATOR_WON, GENERATOR_WON, DIVERGED})
_BRIEF = {TOO_EARLY: "too early", PAST_BEST: "past best", SAME: "all alike", DISCRIMINATOR_WON: "D has won",
          GENERATOR_WON: "G has won"}


class Finding(NamedTuple):
    """verdict: one of the words above. about: how much, as "about 3 of 10 classes", or "". evidence: a sentence.

    advice: one flag to try, or "".
    """

    verdict: str
    about: str
    evidence: str
    advice: str = ""

    @property
    def short(self) -> str:
        """For a line of progress: "collapsed: about 3 of 10 classes"."""
        return f"{self.verdict}: {self.about}" if self.about else self.verdict

    @property
    def brief(self) -> str:
        """In at most eleven characters, where there is no room for more: "collapsed"."""
        return _BRIEF.get(self.verdict, self.verdict)

    @property
    def is_fault(self) -> bool:
        """Whether it is an alarm, and no news of a run that goes well."""
        return self.verdict in FAULTS

    def __str__(self) -> str:
        return f"{self.short}: {self.evidence}" + (f". Try {self.advice}" if self.advice else "")


class Verdict(NamedTuple):
    """A finding of another word than the one before it, in its newest numbers, and the step that brought the word."""

    step: int
    finding: Finding

    def record(self) -> dict[str, Any]:
        """For run.json."""
        return {"step": self.step, "verdict": self.finding.short, "evidence": self.finding.evidence,
                **({"try": self.finding.advice} if self.finding.advice else {})}


def in_words(record: Mapping[str, Any]) -> str:
    """What Verdict.record gave, as str gives a finding."""
    return f"{record['verdict']}: {record['evidence']}" + (f". Try {record['try']}" if "try" in record else "")
