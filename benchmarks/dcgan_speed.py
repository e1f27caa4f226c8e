"""train.py beside a tensorflow.org-style loop of the same DCGAN at batch 128, in turns.

    python benchmarks/dcgan_speed.py [--pairs=5] [--steps=60] [-- --precision=mixed_bfloat16 …]

Flags after -- go to train.py. Prints the images/s of each run, the medians and the ratio. Both train on MNIST
(prepared data are found through TFDS_DATA_DIR).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}


def ours(folder: Path, steps: int, flags: list[str]) -> float:
    """The median images/s that train.py reports in its run.json."""
    command = [sys.executable, str(ROOT / "train.py"), "--model=dcgan", f"--steps={steps}", f"--run_dir={folder}"]
    subprocess.run([*command, *flags], env=ENVIRONMENT, check=True, capture_output=True)
    return json.loads((folder / "run.json").read_text())["images_per_s"]


def baseline(images: Path, steps: int) -> float:
    command = [sys.executable, str(ROOT / "benchmarks" / "tutorial_dcgan.py"), f"--images={images}", f"--steps={steps}"]
    return float(subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout)


def save_images(path: Path) -> None:
    from gan_zoo.data import load, request
    from gan_zoo.experiment import Experiment

    np.save(path, np.asarray(load(request(Experiment(dataset="mnist"))).images))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("flags", nargs="*", help="for train.py")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images.npy"
        save_images(images)
        rates = []
        for pair in range(arguments.pairs):
            rates.append((ours(Path(folder) / str(pair), arguments.steps, arguments.flags),
                          baseline(images, arguments.steps)))
            print(f"pair {pair + 1}: train.py {rates[-1][0]:.0f}, tutorial loop {rates[-1][1]:.0f} images/s, "
                  f"ratio {rates[-1][0] / rates[-1][1]:.2f}", flush=True)
    medians = [statistics.median(column) for column in zip(*rates, strict=True)]
    ratio = statistics.median(one / other for one, other in rates)
    print(f"median: train.py {medians[0]:.0f}, tutorial loop {medians[1]:.0f} images/s; median ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
