"""How fast a recipe trains beside others' ways to do it: `python -m benchmarks.train_speed --model=dcgan`.

In turns, so that the machine's moods meet all, each in a process of its own: a loop as tensorflow.org's tutorials have
it (plain_loops.py) in float32 and in bfloat16, ours in both, once more in float32 without oneDNN, which TensorFlow
leaves off on older processors by itself, PyTorch in eager mode in both (torch_loops.py; --torch_python names an
interpreter that has torch, if not this one), and single products of matrices and convolutions, the fastest of which is
called attainable. Shows medians, and the ratios to the float32 loop and to the loop of the same precision, of the same
turn: the median, and the least and the largest; by the clock, and the first in time of all cores too, which other work
on the machine disturbs less. MFLOP an image are those of the layers' products, forward and backward, without penalties.

--whole=STEPS instead trains so many rounds with train.py's default intervals, and shows which share of the time since
the first round its rounds are; the rest are data, pictures, checks and checkpoints.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.contestants import Contestant
from gan_zoo import processor

MODELS = ("dcgan", "maxout", "infogan", "r3gan")
LOOP, LOW_LOOP = "TensorFlow loop float32", "TensorFlow loop bfloat16"
FLOAT, BFLOAT, SINGLE = "ours float32", "ours bfloat16", "attainable"
WITHOUT = f"{FLOAT} without oneDNN"
TORCH = {"PyTorch float32": "float32", "PyTorch bfloat16": "bfloat16"}
_BLOCK_SECONDS = 2.0


def contestants(model: str, images: Path, batch: int, low: float, torch_python: str, wanted: Sequence[str]) -> dict:
    """Those that can play, ready, by name."""
    found = {}
    for name in (LOOP, LOW_LOOP, FLOAT, WITHOUT, BFLOAT, *TORCH, SINGLE):
        arguments = [f"--model={model}", f"--images={images}", f"--batch={batch}", f"--low={low}"]
        if wanted and not any(each in name for each in wanted):
            continue
        if name not in TORCH:
            found[name] = Contestant(sys.executable, "benchmarks.training_ways", *arguments,
                                     f"--way={FLOAT if name == WITHOUT else name}",
                                     TF_ENABLE_ONEDNN_OPTS="0" if name == WITHOUT else "1")
        elif why := _no_torch(model, torch_python):
            print(f"{name}: {why}")
        else:
            found[name] = Contestant(torch_python, "benchmarks.torch_loops", *arguments, f"--precision={TORCH[name]}")
        if name in found:
            print(f"{name} is ready", flush=True)
    return found


def _no_torch(model: str, python: str) -> str:
    done = subprocess.run([python, "-c", "from benchmarks.torch_loops import GAMES; print(*GAMES)"], text=True,
                          capture_output=True, check=False, cwd=Path(__file__).parents[1])
    if done.returncode:
        return f"torch is not installed for {python}"
    return "" if model in done.stdout.split() else f"no loop of {model} is written"


def compare(playing: Mapping[str, Contestant], turns: int) -> dict[str, list[dict]]:
    """What each said of its block in each turn."""
    rounds = {}
    for name, each in playing.items():
        rounds[name] = max(1, int(_BLOCK_SECONDS / each.play(2)["seconds"]))
    took: dict[str, list[dict]] = {name: [] for name in playing}
    for turn in range(turns):
        for name, each in playing.items():
            took[name].append(each.play(rounds[name]))
        print(f"turn {turn + 1} of {turns}", flush=True)
    return took


def report(playing: Mapping[str, Contestant], took: Mapping[str, list[dict]], batch: int, mflop: float) -> list[str]:
    """Lines of Markdown."""
    kinds = ("float32", "bfloat16") if SINGLE in took else ()
    rates = {kind: statistics.median(turn[kind] for turn in took[SINGLE]) for kind in kinds}
    lines = ["| | images/s | to the float32 loop | in time of cores | to the loop of its precision | of attainable "
             "| peak MiB | first round, s (cores) |",
             "|---|---|---|---|---|---|---|---|"]
    for name, turns in took.items():
        if name == SINGLE:
            continue
        speed = batch / statistics.median(turn["seconds"] for turn in turns)
        low = name.endswith("bfloat16")
        attainable = rates.get("bfloat16" if low else "float32")
        share = f"{speed * mflop / 1e3 / attainable:.0%}" if attainable and mflop else "–"
        ratios = [_ratio(took.get(loop), turns, kind) for loop, kind in
                  ((LOOP, "seconds"), (LOOP, "cpu"), (LOW_LOOP if low else LOOP, "seconds"))]
        first = f"{playing[name].first:.1f} ({playing[name].facts['cpu']:.1f})"
        lines.append(f"| {name} | {speed:,.0f} | {' | '.join(ratios)} | {share} | "
                     f"{max(turn['peak_mib'] for turn in turns):,.0f} | {first} |")
    attainables = ", ".join(f"{rate:.0f} GFLOP/s in {kind}" for kind, rate in rates.items())
    return [*lines, "", f"{mflop:.1f} MFLOP an image; attainable: {attainables or 'not measured'}"]


def _ratio(loop: list[dict] | None, turns: list[dict], kind: str) -> str:
    if loop is None:
        return "–"
    ratios = [one[kind] / other[kind] for one, other in zip(loop, turns, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--only", default="", help="parts of names, as in float32,attainable")
    parser.add_argument("--torch_python", default=sys.executable)
    parser.add_argument("--whole", type=int, metavar="STEPS")
    arguments = parser.parse_args()
    from benchmarks import training_ways

    print(processor.described())
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images.npy"
        np.save(images, training_ways.digits())
        if arguments.whole:
            print("\n".join(training_ways.whole(arguments.model, np.load(images), arguments.whole, folder)))
            return
        batch, low, mflop = training_ways.facts(arguments.model, np.load(images))
        only = [each for each in arguments.only.split(",") if each]
        playing = contestants(arguments.model, images, batch, low, arguments.torch_python, only)
        took = compare(playing, arguments.turns)
        print("\n".join(["", f"{arguments.model}, batch {batch}, {arguments.turns} turns", "",
                         *report(playing, took, batch, mflop)]))
        for each in playing.values():
            each.end()


if __name__ == "__main__":
    main()
