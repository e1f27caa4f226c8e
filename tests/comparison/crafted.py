"""Folders of runs that were never trained, by the writers that training uses."""

from pathlib import Path

import numpy as np

from gan_zoo.comparison.reading import RunRecord, read_run
from gan_zoo.drawing.images import grid, write_png
from gan_zoo.evaluation.records import DIFFERENCES, write_records
from gan_zoo.experiment import Experiment
from gan_zoo.training.run_directory import FORMAT, RunDirectory

STEPS = 120
PROVENANCE = {"dataset": "digits", "splits": {"test": "train"}, "data": {"test": "1,797 images"},
              "fingerprints": {"test": "ab12"}, "remark": None, "seeds": [0], "pixel_range": [0, 255], "samples": 898,
              "real_images": 899, "features": "classifier b33d", "step": STEPS, "generator": "as trained"}


def craft(path: Path, seed: int = 0, frechet=(8.0, 4.0, 5.0), measured: dict | None = None, record: dict | None = None,
          **flags) -> Path:
    """A finished run with checks at equal distances; measured: results by a metric's call, or (results, provenance)."""
    path.mkdir(parents=True)
    steps = np.linspace(0, STEPS, len(frechet) + 1)[1:]
    best = int(np.argmin(frechet))
    settings = {"model": "mlp", "dataset": "digits", "steps": STEPS, "batch_size": 10, "seed": seed,
                "best_metric": "frechet", "run_dir": str(path)}
    facts = {"format": FORMAT, "status": "complete", "step": STEPS, "seconds_training": 90.0, "verdict": "healthy",
             "data_fingerprint": "ab12", "data": "digits train", "device": "CPU, 1 replica",
             "evaluation": {"every": 33, "checks": len(frechet),
                            "best": {"step": int(steps[best]), "frechet": frechet[best]}}}
    RunDirectory(str(path)).update(**{**facts, "flags": Experiment(**settings | flags).values(), **(record or {})})
    newest = path / "checkpoints" / f"step_{STEPS:08d}"
    newest.mkdir(parents=True)
    np.savez(newest / "judged.npz", **{"series/step": steps, "series/frechet": np.array(frechet),
                                       "series/coverage": 1 / np.array(frechet), "best/step": np.array(best)})
    (path / "samples").mkdir()
    for step in (0, STEPS):
        write_png(path / "samples" / f"step_{step:08d}.png", grid(np.full([4, 8, 8, 1], step, np.uint8), factor=1))
    if measured:
        whole = {call: found if isinstance(found, tuple) else (found, {}) for call, found in measured.items()}
        write_records(str(path), {call: {"results": results, "provenance": PROVENANCE | changes, DIFFERENCES: []}
                                  for call, (results, changes) in whole.items()})
    return path


def crafted(path: Path, **settings) -> RunRecord:
    """Crafted and read, under the folder's name."""
    return read_run(craft(path, **settings), path.name)
