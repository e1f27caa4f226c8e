"""How fast an export generates: `python -m benchmarks.serving EXPORT …`, or without one of new DCGAN and maxout.

For batches of 1, 64 and 1,024: the latency of a call of the SavedModel's signature, median and 95 % of calls, images/s,
and the time of all cores an image, which other work on the machine disturbs less.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from gan_zoo import latents, models, objectives, processor
from gan_zoo.commands.flags import parse
from gan_zoo.export import export
from gan_zoo.export.model import Model
from gan_zoo.registry import one_call

_BATCHES, _SECONDS, _MOST = (1, 64, 1024), 4.0, 200
_RECIPES = ("dcgan", "maxout")


def _new(recipe: str, folder: str) -> str:
    """An export of untrained networks, which are as fast as trained ones."""
    flags = parse([f"--model={recipe}"]).experiment
    latent, path = latents.build(flags.latent), str(Path(folder) / recipe)
    gan = models.build(one_call(flags.model), models.Shape((28, 28, 1), latent.size))
    export(gan, latent, objectives.build(flags.objective), path)
    return path


def measure(path: str) -> list[str]:
    """A row a batch, as Markdown."""
    model, lines = Model.read(path, "EXPORT"), []
    decode = model.signatures["serving_default"]
    for batch in _BATCHES:
        drawn = model.draw(batch, 0)
        given = {"noise": tf.constant(drawn.noise)} | ({} if drawn.labels is None else {"label": drawn.labels})
        decode(**given)
        taken, cores = [], time.process_time()
        while (sum(taken) < _SECONDS and len(taken) < _MOST) or len(taken) < 3:
            start = time.perf_counter()
            decode(**given)
            taken.append(time.perf_counter() - start)
        cores = (time.process_time() - cores) / len(taken) / batch
        middle, late = np.quantile(taken, [0.5, 0.95])
        lines.append(f"| {Path(path).name} | {batch:,} | {1e3 * middle:.1f} | {1e3 * late:.1f} | "
                     f"{batch / middle:,.0f} | {1e3 * cores:.2f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exports", nargs="*")
    given = parser.parse_args().exports
    print(processor.described())
    print("| export | batch | ms a call | 95 % within | images/s | ms of cores an image |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for path in given or (_new(recipe, folder) for recipe in _RECIPES):
            print("\n".join(measure(path)), flush=True)


if __name__ == "__main__":
    main()
