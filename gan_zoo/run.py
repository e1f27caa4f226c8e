"""The Python call: `gan_zoo.train` and `gan_zoo.load` give a Run. The shell's train command goes the same way."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_zoo.commands import flags as command_line
from gan_zoo.commands.flags import CommandLine
from gan_zoo.commands.names import check_names
from gan_zoo.errors import UserError
from gan_zoo.experiment import LENGTHS, Experiment, as_text, is_unset_by_text
from gan_zoo.quiet import quiet

if TYPE_CHECKING:
    import keras
    from PIL import Image

    from gan_zoo.data import Dataset, ImageDataset
    from gan_zoo.export.model import Model
    from gan_zoo.training.loop import Ended

ARRAYS = "arrays"  # what --dataset says of arrays that only Python has


class Run:
    """A trained GAN, or one in training.

    path: its folder. experiment: its flags. step: how many rounds it has played. model: what generates; it gives what
    an export at this step would.
    """

    def __init__(self, path: Path, experiment: Experiment, step: int, model: "Model", history: Mapping[str, np.ndarray],
                 generator: "keras.Model | None" = None, dataset: "ImageDataset | None" = None):
        self.path, self.experiment, self.step, self.model = path, experiment, step, model
        self._history, self._generator, self._dataset = history, generator, dataset

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.experiment.model} on {self.experiment.dataset}, step {self.step:,})"

    @property
    def generator(self) -> "keras.Model":
        """The generator, its moving average if there is one: noise [B, Z], or [noise, classes int32 [B]] → images.

        Images are float32 in the model's value range. UserError if there is an export only, which is no Keras model.
        """
        if self._generator is None:
            raise UserError(f"{self.path} has no checkpoint that this version can read: sample it, or load its export "
                            f"with tf.saved_model.load({str(self.path / 'export')!r})")
        return self._generator

    @property
    def history(self) -> dict[str, np.ndarray]:
        """Losses, accuracies and the objective's diagnostics of every round, and seconds so far: float32 [step]."""
        return dict(self._history)

    def sample(self, count: int = 64, seed: int = 0, *, label: int | str | None = None,
               codes: Mapping[str, float] | None = None) -> np.ndarray:
        """Images uint8 [count, H, W, C], or points float32 [count, D], the same that the export generates from `seed`.

        label: a class by number or name for all of them, or "each": count images of every class, class by class.
        codes: values by name. Raises UserError for what there is not.
        """
        from gan_zoo.errors import check_count
        from gan_zoo.export import sampling

        check_count("count", count)
        wanted = sampling.Wanted(count, seed, None, count, None if label is None else str(label),
                                 {name: str(value) for name, value in (codes or {}).items()})
        images = self.model.decode(sampling.latents(self.model, wanted))
        return images.reshape(len(images), -1) if self.model.description.are_points else images

    def evaluate(self, metrics: str = "parzen", seed: int = 0) -> dict[str, dict]:
        """Measures what is generated from `seed` with one or a sum of metrics: results by the text of each call.

        As `gan-zoo evaluate` does, it keeps them in metrics.json in the run's folder.
        """
        from gan_zoo.evaluation import measuring, subjects

        wanted = measuring.build(metrics)
        records = measuring.read_records(str(self.path))
        candidate = subjects.of_model(self.model, self.experiment, str(self.path), self.step, seed)
        real = subjects.GivenImages(self._dataset) if self._dataset else subjects.RealImages(candidate, None, None)
        results = {}
        for call, result, record in measuring.measure(wanted, candidate, real, str(self.path)):
            results[call] = result
            records[call] = record
            measuring.write_records(str(self.path), records)
        return results

    def show(self) -> None:
        """Shows the newest grid of samples: in a notebook below the cell, elsewhere by saying where it is."""
        grids = sorted((self.path / "samples").glob("step_*.png"))
        if not grids:
            raise UserError(f"{self.path} holds no samples/step_….png: draw some with run.sample()")
        if _notebook():
            from IPython.display import display

            display(_opened(grids[-1]))
        else:
            print(grids[-1])


def train(model: str | None = None, dataset: Any = None, *, labels: Any = None,
          flagfile: str | os.PathLike | None = None, **flags: Any) -> Run:
    """Trains a GAN, or goes on with it, as `gan-zoo train` with the same flags does, to the same bits.

    model: a call such as "dcgan(width=32)"; a bare name starts from its recipe. dataset: a name or call, or images:
    uint8 or float [N, H, W] or [N, H, W, C]; labels: their classes [N]. flagfile: read before the flags. flags: those
    of `gan-zoo train --help`, by name. Returns the run; its folder is run_dir or runs/, named after model and dataset.

    Raises UserError for a mistake and RunStopped if a loss is not finite. An interrupt saves first, then it is raised.
    """
    given = None
    if dataset is not None and not isinstance(dataset, str):
        from gan_zoo.data import from_arrays

        given, dataset = from_arrays(dataset, labels, ARRAYS), ARRAYS
    elif labels is not None:
        raise UserError("labels go with images as arrays: give dataset=images too, or leave labels out")
    if all(flags.get(name) is not None for name in LENGTHS):
        raise UserError(f"{' and '.join(LENGTHS)} exclude each other: give one of them")
    arguments = [] if flagfile is None else [f"--flagfile={os.fspath(flagfile)}"]
    arguments += [_argument(name, value) for name, value in {"model": model, "dataset": dataset}.items() if value]
    arguments += [_argument(name, value) for name, value in flags.items()]
    run, ended = begin(command_line.parse(arguments), given, ["gan_zoo.train", *arguments])
    if ended.signal:
        signal.raise_signal(ended.signal)  # saved; now it has its usual effect
    return run


def begin(command: CommandLine, dataset: "ImageDataset | None" = None,
          written: list[str] | None = None) -> "tuple[Run, Ended]":
    """Trains what a command line asks for. dataset: in place of what --dataset names. written: the command, as text."""
    experiment = resolved(command)
    check_names(experiment)
    with quiet():
        from gan_zoo.training import loop, machine

        strategy = machine.prepare(experiment)
    ended = loop.train(experiment, strategy, dataset, command=written or sys.argv)
    trainer = ended.trainer
    model = _live(trainer, ended.step)
    return Run(Path(str(experiment.run_dir)), trainer.plan.experiment, ended.step, model, ended.history.arrays(),
               trainer.sampler, dataset), ended


def resolved(command: CommandLine) -> Experiment:
    """The experiment with the folder of its run."""
    run_dir = Path(command.experiment.run_dir or Path("runs") / command.name).expanduser()
    return replace(command.experiment, run_dir=str(run_dir))


def load(run_dir: str | os.PathLike, dataset: Any = None, labels: Any = None) -> Run:
    """A run in any state: at its newest checkpoint, or at its export if there is no checkpoint.

    dataset, labels: the arrays that it was trained on, if it was on arrays. Raises UserError if there is no run.
    """
    path = Path(run_dir).expanduser()
    with quiet():
        from gan_zoo.evaluation.subjects import experiment_of
        from gan_zoo.export.model import Model
        from gan_zoo.training import checkpoints
        from gan_zoo.training.run_directory import readable_checkpoints
    experiment = experiment_of(str(path), "run_dir")
    kept = readable_checkpoints(path)
    given = None
    if dataset is not None:
        from gan_zoo.data import from_arrays

        given = from_arrays(dataset, labels, ARRAYS)
    if kept and (given or experiment.dataset != ARRAYS):
        trainer, restored = _restored(experiment, path, given)
        return Run(path, experiment, restored.step, _live(trainer, restored.step), restored.history, trainer.sampler,
                   given)
    if not (path / "export").is_dir():
        raise UserError(f"run_dir={path} was trained on arrays: give them as dataset= and labels=" if kept else
                        f"run_dir={path} has neither a checkpoint nor an export yet: train it further")
    model = Model.read(str(path / "export"), "run_dir")
    history = checkpoints.newest_history(path / "checkpoints") if kept else {}
    return Run(path, experiment, model.description.metadata.get("step") or 0, model, history, None, given)


def _restored(experiment: Experiment, path: Path, dataset: "Dataset | None"):
    """(trainer, what its newest checkpoint says); nothing in the folder is touched, since the run may be going on."""
    from gan_zoo.training import machine
    from gan_zoo.training.checkpoints import Checkpoints
    from gan_zoo.training.plan import draft, plan
    from gan_zoo.training.trainer import Trainer

    with quiet():
        machine.set_precision(experiment.precision)
        trainer = Trainer(plan(draft(experiment), dataset), machine.make_strategy("one_device"))
    return trainer, Checkpoints(path / "checkpoints").read_newest(trainer.checkpoint)


def _live(trainer, step: int) -> "Model":
    """The networks as they are, behind the signatures of an export."""
    from gan_zoo import export
    from gan_zoo.export.model import Model

    of, metadata = trainer.plan, {"flags": trainer.plan.experiment.values(), "step": step}
    description = export.describe(of.latent, of.label, of.data.image_shape, trainer.gan.value_range,
                                  trainer.gan.packing, metadata)
    signatures = export.functions(trainer.gan, of.latent, of.objective, of.label, trainer.sampler)
    return Model(description, signatures, f"run_dir={of.experiment.run_dir}")


def _argument(name: str, value: Any) -> str:
    """A keyword as the shell would have it; None is "not set" where a flag can be that."""
    if name not in Experiment.__dataclass_fields__:
        return f"--{name}={value}"  # the parser says what it thinks of it
    if value is None and not is_unset_by_text(name):
        raise UserError(f"{name}=None can't be: leave {name} out")
    return f"--{name}={as_text(name, ','.join(map(str, value)) if isinstance(value, (list, tuple)) else value)}"


def _notebook() -> bool:
    """Whether pictures can be shown below a cell."""
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


def _opened(path: Path) -> "Image.Image":
    from PIL import Image

    with Image.open(path) as picture:
        return picture.copy()
