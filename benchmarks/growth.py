"""What a round costs as it grows, and a large folder: `python -m benchmarks.growth [batch size width folder]`.

batch, size, width: images/s of the DCGAN over batch sizes, image sizes and widths, one thing varied at a time; by the
clock, and of all cores together, which other work on the machine disturbs less. --plot=FILE.png draws them.

folder: makes --pictures pictures of 32 × 32 in a folder that is taken away again, trains some rounds on them in a
process with --resident_mib=1, so that they are streamed, and prints the peak of the process's memory as time goes on.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from gan_zoo import processor
from gan_zoo.commands.flags import parse
from gan_zoo.data import from_arrays
from gan_zoo.quiet import without_retracing_warnings
from gan_zoo.training import machine
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.trainer import Trainer

BATCHES, SIZES, WIDTHS = (16, 32, 64, 128, 256, 512, 1024), (8, 16, 28, 32, 64, 128), (4, 8, 16, 32)
_SMALL, _BATCH, _SIZE = 8, 64, 28  # of the width, batch and size that are not varied
_BLOCKS, _SECONDS = 3, 1.0
_A_FOLDER = 1000  # pictures


def _speed(width: int, size: int, batch: int) -> tuple[float, float]:
    """(images a second, milliseconds of all cores an image), medians of some blocks."""
    images = np.random.default_rng(0).integers(0, 256, [2048, size, size, 1], np.uint8)
    experiment = parse([f"--model=dcgan(width={width}, base_channels={3 * width})", f"--batch_size={batch}",
                        "--steps=1000000"]).experiment
    trainer = Trainer(plan(draft(experiment), from_arrays(images, None, "noise")), machine.make_strategy("one_device"))
    trainer.play(0, 1)
    start = time.perf_counter()
    trainer.play(1, 1)
    rounds = max(1, int(_SECONDS / (time.perf_counter() - start)))
    taken = []
    for block in range(_BLOCKS):
        clock, cores = time.perf_counter(), time.process_time()
        trainer.play(2 + block * rounds, rounds)
        taken.append(np.array([time.perf_counter() - clock, time.process_time() - cores]) / (rounds * batch))
    seconds, cores = np.median(taken, axis=0)
    return 1 / seconds, 1e3 * cores


def grown(what: str) -> list[tuple[int, float, float]]:
    """(value, images/s, ms of cores an image) over the values of "batch", "size" or "width"."""
    found = []
    for value in {"batch": BATCHES, "size": SIZES, "width": WIDTHS}[what]:
        given = {"batch": _BATCH, "size": _SIZE, "width": _SMALL} | {what: value}
        found.append((value, *_speed(given["width"], given["size"], given["batch"])))
        print(f"{what} {value:>5}: {found[-1][1]:>8,.0f} images/s, {found[-1][2]:.3f} ms of cores an image", flush=True)
    return found


def plot(found: dict[str, list[tuple[int, float, float]]], path: str) -> None:
    """Time of cores an image over each, both axes logarithmic."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, StrMethodFormatter

    figure = Figure(figsize=(4 * len(found), 3.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(found), sharey=True))
    for axes, (what, rows) in zip(panels, found.items(), strict=True):
        values, _, cores = zip(*rows, strict=True)
        axes.loglog(values, cores, "o-")
        axes.set_xticks(values, [str(value) for value in values], rotation=45)
        axes.minorticks_off()
        axes.set_xlabel({"batch": "images a batch", "size": "pixels a side", "width": "width of the DCGAN"}[what])
        axes.grid(alpha=0.3)
    panels[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panels[0].yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panels[0].set_ylabel("ms of cores an image")
    FigureCanvasAgg(figure).print_png(path)


def _make_pictures(folder: Path, count: int) -> None:
    """Names for `count` pictures, of which a thousand differ: further names of a file take no time and no room."""
    draw = np.random.default_rng(0)
    for first in range(0, count, _A_FOLDER):
        part = folder / f"{first // _A_FOLDER:04d}"
        part.mkdir(parents=True)
        for number in range(min(_A_FOLDER, count - first)):
            if first:
                os.link(folder / "0000" / f"{number}.jpg", part / f"{number}.jpg")
            else:
                Image.fromarray(draw.integers(0, 256, [32, 32, 3], np.uint8)).save(part / f"{number}.jpg")


def folder_memory(count: int, rounds: int) -> None:
    """Prints the memory of a training process on `count` pictures, about once a second."""
    with tempfile.TemporaryDirectory() as temporary:
        place, start = Path(temporary), time.monotonic()
        _make_pictures(place / "pictures", count)
        print(f"{count:,} pictures of 32 × 32 made in {time.monotonic() - start:.0f} s; decoded they are "
              f"{count * 32 * 32 * 3 / 2**20:,.0f} MiB", flush=True)
        process = subprocess.Popen(
            [sys.executable, "train.py", "--model=dcgan(width=4, base_channels=8)", "--dataset=folder",
             f"--data_dir={place / 'pictures'}", f"--cache_dir={place / 'cache'}", "--resident_mib=1",
             f"--steps={rounds}", "--sample_every_steps=1000000", f"--run_dir={place / 'run'}"],
            cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL)
        start, shown = time.monotonic(), -10.0
        while process.poll() is None:
            passed = time.monotonic() - start
            if passed - shown >= 10:
                print(f"{passed:6.0f} s: {_memory(process.pid)}", flush=True)
                shown = passed
            time.sleep(1)
        print(f"{time.monotonic() - start:6.0f} s: ended with code {process.returncode} after {rounds} rounds")


def _memory(process: int) -> str:
    """What a process has in memory, and how much of it is pages of files, which the system takes back at need."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines() if ":" in line)
    peak, own, of_files = (int(lines.get(name, "0 kB").split()[0]) / 1024 for name in ("VmHWM", "RssAnon", "RssFile"))
    return f"peak {peak:,.0f} MiB; now {own:,.0f} MiB of its own, {of_files:,.0f} MiB of files"


def main(parts: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--pictures", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--plot")
    arguments = parser.parse_args(parts)
    wanted = arguments.parts or ["batch", "size", "width", "folder"]
    print(f"{processor.described()}; DCGAN of width {_SMALL} at {_SIZE} pixels, batch {_BATCH}, where these are not "
          "varied")
    with without_retracing_warnings():
        found = {what: grown(what) for what in wanted if what != "folder"}
    if arguments.plot and found:
        plot(found, arguments.plot)
    if "folder" in wanted:
        folder_memory(arguments.pictures, arguments.rounds)


if __name__ == "__main__":
    main()
