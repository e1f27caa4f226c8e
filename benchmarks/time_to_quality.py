"""Seconds from a command to good digits, a speed-run board: `python -m benchmarks.time_to_quality RECIPE --seeds=10`.

RECIPE is a flagfile of configs/, by its name. Timed is the whole command `python train.py --flagfile=… --seed=…` by the
clock, from the start of Python to the export: imports, data, graph, training, checks, pictures. Then, untimed, the
export is held against the test images; good are a Fréchet distance of at most 5 times that of real images, ten of ten
classes, the rarest half as frequent as in real images or more, and a mean confidence of .95 of the classifier.

`tutorial` in place of RECIPE is the anchor: TensorFlow's own DCGAN tutorial (benchmarks/tensorflow_tutorial.py), 50
epochs, or --epochs=N.

    --seeds=10          so many runs, of the seeds 0, 1, …; or seeds, as in 3,4
    --runs=DIR          where they lie, by default runs/time_to_quality; runs that are there are not trained again
    --epochs=50         of the tutorial
    --board             only make the table of docs/performance.md from the records

Each call adds a record, with date, recipe, processor and every seed's figures, to benchmarks/time_to_quality.json, and
puts the grids that the first seed had drawn after 30, 60 and 180 seconds side by side, into docs/images, or the first
images of the tutorial. Run it where
nothing else runs. MNIST should have been decoded, and its classifier trained, by a run before.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from PIL import Image

from gan_zoo import processor
from gan_zoo.drawing import comparisons
from gan_zoo.drawing.images import grid, write_png

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "benchmarks" / "time_to_quality.json"
PAGE = ROOT / "docs" / "performance.md"
IMAGES = ROOT / "docs" / "images"
TUTORIAL = "tutorial"
FRECHET_RATIO, CLASSES, WORST, CONFIDENCE = 5.0, 10, 0.5, 0.95
_BLOCK = re.compile(r"(<!-- time to quality -->\n).*?(<!-- end -->)", flags=re.S)
_TIMED = "timed.json"  # when it began, by the clock of the file system, and how many seconds it took
_MOMENTS = (30, 60, 180)  # seconds


def is_good(values: dict[str, float]) -> bool:
    """Whether the figures of a run reach every bar."""
    return (values["frechet_ratio"] <= FRECHET_RATIO and values["classes"] >= CLASSES and values["worst"] >= WORST
            and values["confidence"] >= CONFIDENCE)


def command(recipe: str, seed: int, folder: Path, epochs: int) -> list[str]:
    """What is timed."""
    if recipe == TUTORIAL:
        return [sys.executable, str(ROOT / "benchmarks" / "tensorflow_tutorial.py"), f"--epochs={epochs}",
                f"--seed={seed}", f"--out={folder}"]
    return [sys.executable, str(ROOT / "train.py"), f"--flagfile={ROOT / 'configs' / recipe}.flags", f"--seed={seed}",
            f"--run_dir={folder}"]


def timed(recipe: str, seed: int, folder: Path, epochs: int) -> float:
    """Runs it, unless it was run to its end before; the seconds that it took."""
    kept = folder / _TIMED
    if not kept.exists():
        if folder.exists():
            raise SystemExit(f"{folder} holds a run that was not timed to its end: remove it, or name another --runs")
        folder.parent.mkdir(parents=True, exist_ok=True)
        began, start = time.time(), time.perf_counter()
        with (folder.parent / f"seed_{seed}.log").open("w") as log:
            subprocess.run(command(recipe, seed, folder, epochs), cwd=ROOT, env=_environment(), check=True, stdout=log,
                           stderr=log)
        kept.write_text(json.dumps({"began": began, "seconds": time.perf_counter() - start,
                                    "flags": flags(recipe, epochs)}) + "\n")
    found = json.loads(kept.read_text())
    if found["flags"] != flags(recipe, epochs):
        raise SystemExit(f"{folder} holds a run with other flags: remove it, or name another --runs")
    return found["seconds"]


def grids(folder: Path) -> list[tuple[str, Path]]:
    """The newest sample grid at each moment, with the moment; of those after the end, the last one's only."""
    timed = json.loads((folder / _TIMED).read_text())
    drawn = sorted((folder / "samples").glob("step_*.png"))
    found = [(f"{moment} s", [path for path in drawn if path.stat().st_mtime <= timed["began"] + moment])
             for moment in _MOMENTS if moment < timed["seconds"]]
    return [(title, paths[-1]) for title, paths in found if paths] + [(f"end, {timed['seconds']:.0f} s", drawn[-1])]


def measured(recipe: str, folder: Path) -> dict[str, float]:
    """The figures of what it generates, of 10,000 images."""
    said = [f"--generated={folder / 'images'}", "--dataset=mnist"] if recipe == TUTORIAL else [f"--run_dir={folder}"]
    subprocess.run([sys.executable, "-m", "gan_zoo.evaluate", *said, f"--out={folder}", "--metrics=frechet + classes"],
                   cwd=ROOT, env=_environment(), check=True, capture_output=True)
    found = json.loads((folder / "metrics.json").read_text())
    frechet, classes = found["frechet"]["results"], found["classes"]["results"]
    return {"frechet": frechet["frechet"], "frechet_ratio": frechet["frechet"] / frechet["frechet_floor"],
            "classes": classes["classes_captured"], "worst": classes["worst_class"],
            "confidence": classes["confidence"]}


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def row(record: dict[str, Any]) -> str:
    """A record as a line of the board."""
    runs = record["runs"]
    worst = {"seconds": max, "frechet_ratio": max, "worst": min, "confidence": min}
    cells = [f"{fmean(each[name] for each in runs):{form}}; {of(each[name] for each in runs):{form}}"
             for (name, of), form in zip(worst.items(), (".0f", ".1f", ".2f", ".3f"), strict=True)]
    good = f"{sum(map(is_good, runs))} of {len(runs)}"
    length = next((flag for flag in record["flags"] if flag.startswith(("--steps=", "--epochs="))), "")
    names = [f"`{record['recipe']}`", f"`{length}`"]
    return "| " + " | ".join([*names, good, *cells, record["date"], record["processor"]]) + " |"


def board(records: Sequence[dict[str, Any]]) -> str:
    """The table of all records: means over seeds, and the worst seed."""
    head = ["recipe", "length", "good", "seconds", "Fréchet / real", "rarest class", "confidence", "date", "processor"]
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *map(row, records)]) + "\n"


def page(text: str, records: Sequence[dict[str, Any]]) -> str:
    """The page with its board made anew."""
    return _BLOCK.sub(lambda block: block[1] + board(records) + block[2], text)


def kept() -> list[dict[str, Any]]:
    """All records, the oldest first."""
    return json.loads(RECORDS.read_text()) if RECORDS.exists() else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", nargs="?")
    parser.add_argument("--seeds", default="10")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "time_to_quality")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--board", action="store_true")
    given = parser.parse_args()
    if not given.board:
        if given.recipe is None:
            parser.error("name a recipe of configs/, or tutorial, or --board")
        seeds = list(range(int(given.seeds))) if "," not in given.seeds else [int(each) for each in
                                                                            given.seeds.split(",") if each]
        RECORDS.write_text(json.dumps([*kept(), _recorded(given.recipe, seeds, given.runs, given.epochs)], indent=1)
                           + "\n")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), kept()), encoding="utf-8")


def _recorded(recipe: str, seeds: Sequence[int], runs: Path, epochs: int) -> dict[str, Any]:
    found = []
    for seed in seeds:
        folder = runs.absolute() / recipe / f"seed_{seed}"
        seconds = timed(recipe, seed, folder, epochs)
        found.append({"seed": seed, "seconds": round(seconds, 1),
                      **{name: round(value, 4) for name, value in measured(recipe, folder).items()}})
        print(found[-1], "good" if is_good(found[-1]) else "not good", flush=True)
    first, picture = runs.absolute() / recipe / f"seed_{seeds[0]}", IMAGES / f"{recipe}.png"
    if recipe == TUTORIAL:
        write_png(picture, grid(_generated(first)))
    else:
        comparisons.side_by_side([grids(first)], picture)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"recipe": recipe, "date": today, "processor": processor.described(),
            "flags": flags(recipe, epochs), "runs": found}


def _generated(folder: Path) -> np.ndarray:
    """The first of the tutorial's images, uint8 [64, 28, 28, 1]."""
    return np.stack([np.asarray(Image.open(path))[..., None] for path in sorted((folder / "images").iterdir())[:64]])


def flags(recipe: str, epochs: int) -> list[str]:
    """What a recipe says, for its record."""
    if recipe == TUTORIAL:
        return [f"--epochs={epochs}"]
    lines = (ROOT / "configs" / f"{recipe}.flags").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("--")]


if __name__ == "__main__":
    main()
