"""Which metrics are compared, and that what stands side by side was measured alike."""

import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from gan_zoo.comparison.reading import RunRecord
from gan_zoo.errors import UserError, nearest
from gan_zoo.evaluation.provenance import differing

CHECKS = "checks"  # what --metrics and --without call the checks while a run trains
_EVALUATE = "python -m gan_zoo.evaluate"

Provenance = Mapping[str, Any]


def calls(runs: Sequence[RunRecord]) -> list[str]:
    """The metrics that any run was measured with, as texts of calls."""
    return list(dict.fromkeys(call for run in runs for call in run.measured))


def chooser(metrics: str | None, without: str | None, known: Collection[str]) -> Callable[[str], bool]:
    """Whether a metric's call is to be compared.

    metrics, without: names or calls, joined by +, of those to compare and of those to leave out; None: all, and none.
    known: the calls that there are. UserError for another name.
    """
    chosen = [_named(flag, text, [CHECKS, *known]) for flag, text in (("metrics", metrics), ("without", without))]
    return lambda call: (metrics is None or call in chosen[0]) and call not in chosen[1]


def _named(flag: str, text: str | None, known: Sequence[str]) -> set[str]:
    """The calls that a sum names, by themselves or by their metric's name."""
    found: set[str] = set()
    for term in _terms(text or ""):
        meant = {call for call in known if term in (call, _name(call))}
        if not meant:
            raise UserError(f"--{flag}={term}: no run was measured with that: "
                            f"{nearest(term, {_name(call) for call in known})}")
        found |= meant
    return found


def _terms(text: str) -> list[str]:
    """The terms of a sum; a + within parentheses, or quotes in them, joins no terms."""
    terms, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "+" and depth == 0:
            terms.append("")
        else:
            terms[-1] += letter
    return [term.strip() for term in terms if term.strip()]


def _name(call: str) -> str:
    return call.partition("(")[0]


def check_alike(call: str, found: Sequence[tuple[RunRecord, Provenance]]) -> None:
    """Raises UserError, with the way out, if values of a metric's call have unlike provenance."""
    for run, provenance in found[1:]:
        first, reference = found[0]
        if unlike := differing(reference, provenance):
            way = _way_out(call, (first, reference), (run, provenance))
            raise UserError(f"{call} of {first.path} and {run.path} can't stand side by side ({'; '.join(unlike)}): "
                            f"{way}leave that out with --without={shlex.quote(_name(call))}")


def _way_out(call: str, first: tuple[RunRecord, Provenance], other: tuple[RunRecord, Provenance]) -> str:
    """What measures the two alike, as far as a command can: the data trained on belong to a run."""
    (one, reference), (another, provenance) = first, other
    unlike = {key for key in ("dataset", "features", "samples", "real_images")
              if reference.get(key) != provenance.get(key)}
    splits = [f"--{part}_split={shlex.quote(str(reference['splits'][part]))}" for part in ("test", "validation")
              if part in reference.get("splits", {}) and _differs(part, reference, provenance)]
    unsaid = set(reference.get("fingerprints") or {}) ^ set(provenance.get("fingerprints") or {})
    if call == CHECKS or not (unlike or splits or unsaid):
        return ""
    if unsaid or (unlike == {"features"} and not splits):  # an older record, or a space that was fitted or trained anew
        return f"measure both again with {_command(one, call)} && {_command(another, call)}, or "
    data = [f"--dataset={shlex.quote(str(reference['dataset']))}"] if "dataset" in unlike else []
    return f"measure alike with {_command(another, call, *data, *splits)}, or "


def _differs(part: str, one: Provenance, other: Provenance) -> bool:
    return any((one.get(key) or {}).get(part) != (other.get(key) or {}).get(part)
               for key in ("splits", "fingerprints"))


def _command(run: RunRecord, call: str, *more: str) -> str:
    return " ".join([_EVALUATE, f"--run_dir={shlex.quote(str(run.path))}", f"--metrics={shlex.quote(call)}", *more])


def unmeasured(runs: Sequence[RunRecord], wanted: Sequence[str]) -> list[str]:
    """A sentence for each set of metrics that some runs have and others lack, with what measures them."""
    lacking: dict[tuple[str, ...], list[RunRecord]] = {}
    for run in runs:
        if missing := tuple(call for call in wanted if call not in run.measured):
            lacking.setdefault(missing, []).append(run)
    return [f"not measured in {', '.join(run.name for run in without)}: {_EVALUATE} --run_dir="
            f"{shlex.quote(str(without[0].path)) if len(without) == 1 else 'RUN'} "
            f"--metrics={shlex.quote(' + '.join(missing))}" for missing, without in lacking.items()]


def described(provenance: Provenance) -> str:
    """What values are about, in a line: "digits train; 1,000 generated images; features …"."""
    data = ", ".join(f"{provenance.get('dataset')} {split}" for split in
                     dict.fromkeys((provenance.get("splits") or {}).values()))
    counts = [f"{provenance[key]:,} {name}" for key, name in (("samples", "generated"), ("real_images", "real"))
              if isinstance(provenance.get(key), int)]
    parts = [data, " and ".join(counts) + " images" if counts else "", _features(provenance.get("features"))]
    return "; ".join(part for part in parts if part)


def _features(space: Any) -> str:
    return f"features {space}" if space else ""
