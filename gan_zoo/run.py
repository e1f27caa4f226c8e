"""The Python call: `gan_zoo.train` and `gan_zoo.load` give a Run. The shell's train command goes the same way."""

import os
import signal
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_zoo.commands import flags as command_line
from gan_zoo.commands import keywords
from gan_zoo.commands.flags import CommandLine
from gan_zoo.commands.names import check_names
from gan_zoo.errors import UserError, check_path
from gan_zoo.experiment import ARRAYS, LENGTHS, Experiment, flags
from gan_zoo.files import check_local, check_writable, is_url
from gan_zoo.quiet import deadline, quiet, without_retracing_warnings
from gan_zoo.training import cluster as clusters
from gan_zoo.training import left_open

if TYPE_CHECKING:
    import keras
    import numpy as np

    from gan_zoo.data import ImageDataset
    from gan_zoo.export.model import Model
    from gan_zoo.training.loop import Ended
    from gan_zoo.training.trainer import Trainer


_START = 120.0  # seconds that TensorFlow's own start may take


class Run:
    """A trained GAN, or one in training.

    path: its folder. experiment: its flags. step: how many rounds it has played. model: what generates; it gives what
    an export at this step would.
    """

    def __init__(self, path: Path, experiment: Experiment, step: int, model: "Model",
                 history: "Mapping[str, np.ndarray]", trainer: "Trainer | None" = None,
                 dataset: "ImageDataset | None" = None):
        self.path, self.experiment, self.step, self.model = path, experiment, step, model
        self._history, self._trainer, self._dataset = history, trainer, dataset

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.experiment.model} on {self.experiment.dataset}, step {self.step:,})"

    @property
    def generator(self) -> "keras.Model":
        """The generator, its moving average if there is one: noise [B, Z], or [noise, classes int32 [B]] → images.

        Images are float32 in the model's value range. UserError if there is an export only, which is no Keras model.
        """
        return self._game().sampler

    def _game(self) -> "Trainer":
        """The networks and all that belongs to them."""
        if self._trainer is None:
            raise UserError(f"{self.path} was loaded at its export, no Keras model, as its checkpoints or its data "
                            "can't be read here: sample it, or load the export with "
                            f"tf.saved_model.load({str(self.path / 'export')!r})")
        return self._trainer

    @property
    def history(self) -> "dict[str, np.ndarray]":
        """Losses, accuracies and the objective's diagnostics of every round, and seconds so far: float32 [step]."""
        return dict(self._history)

    def sample(self, count: int = 64, seed: int = 0, *, label: int | str | None = None,
               codes: Mapping[str, float] | None = None, truncation: float | None = None,
               latents: "np.ndarray | None" = None) -> "np.ndarray":
        """Images uint8 [count, H, W, C], or points float32 [count, D], the same that the export generates from `seed`.

        label: a class by number or name for all of them, or "each": count images of every class, class by class.
        codes: values by name. truncation: a threshold for the noise, as 0.7 (gan_zoo.export.truncation). latents: noise
        float32 [N, Z] in place of `count` and what the seed gives. Raises UserError for what there is not.
        """
        from gan_zoo.export import sampling

        count = keywords.count(count)
        if latents is not None and truncation is not None:
            raise UserError("latents and truncation exclude each other: given noise is taken as it is")
        wanted = sampling.Wanted(count, keywords.seed(seed), None, count, keywords.label(label), keywords.codes(codes),
                                 truncation, keywords.latents(latents))
        sampling.check(self.model.description, wanted)
        images = self.model.decode(sampling.latents(self.model, wanted))
        return images.reshape(len(images), -1) if self.model.description.are_points else images

    def export(self, path: str | os.PathLike) -> None:
        """Writes a SavedModel that gives the same images as `sample`, as training does at its end; docs/runs.md.

        path: its folder, where nothing is yet, or an older export. UserError if anything else is there, and if there
        is an export only.
        """
        from gan_zoo.export import export
        from gan_zoo.training.restoring import as_trained

        game = self._game()
        with quiet(), as_trained(self.experiment.precision):
            export(game.gan, game.plan.latent, game.plan.objective, os.fspath(path), label=game.plan.label,
                   generator=game.sampler, metadata=self.model.description.metadata)

    def evaluate(self, metrics: str | None = None, seed: int = 0, seeds: int = 1) -> dict[str, dict]:
        """Measures what is generated with one or a sum of metrics: results by the text of each call.

        metrics: by default all that fit the data. seed, seeds: the first of so many, over which there are means and
        standard deviations. As `gan-zoo evaluate` does, it keeps the results in metrics.json in the run's folder.
        """
        from gan_zoo.evaluation import candidates, measuring, parts
        from gan_zoo.evaluation.records import keep, read_records

        check_writable(str(self.path), "run_dir", "copy the run to another folder")
        read_records(str(self.path))  # now, lest it turn out in the end that it can't be
        candidate = candidates.of_model(self.model, self.experiment, str(self.path))
        real = parts.GivenData(self._dataset) if self._dataset else candidate.real()
        results = {}
        measurement = measuring.Measurement(candidate, real, keywords.seeds(seed, seeds), str(self.path))
        wanted = measuring.build(metrics) if metrics is not None else measurement.fitting()
        for call, result, record in measurement.measure(wanted):
            results[call] = result
            keep(str(self.path), call, record)
        return results

    @property
    def verdict(self) -> str:
        """How the run is doing, by its last check: word, evidence, a flag to try; "" if it was never checked."""
        from gan_zoo.judging.words import in_words
        from gan_zoo.training.run_directory import recorded

        said = recorded(self.path).get("verdicts") or []
        return in_words(said[-1]) if said else ""

    def show(self) -> None:
        """Shows the newest grid of samples and the verdict: in a notebook below the cell, elsewhere by its path."""
        grids = sorted((self.path / "samples").glob("step_*.png"))
        if not grids:
            raise UserError(f"{self.path} holds no samples/step_….png: draw some with run.sample()")
        from gan_zoo.drawing.showing import show

        show(grids[-1])
        if self.verdict:
            print(self.verdict)


def train(model: str | None = None, dataset: Any = None, *, labels: Any = None,
          flagfile: str | os.PathLike | None = None, **flags: Any) -> Run:
    """Trains a GAN, or goes on with it, as `gan-zoo train` with the same flags does, to the same bits.

    model: a call such as "dcgan(width=32)"; a bare name starts from its recipe. dataset: a name or call, or images:
    uint8 or float [N, H, W] or [N, H, W, C]; labels: their classes [N]. flagfile: read before the flags. flags: those
    of `gan-zoo train --help`, by name. Returns the run; its folder is run_dir or runs/, named after model and dataset.

    Raises UserError for a mistake and RunStopped if a loss is not finite. An interrupt saves first, then it is raised.
    """
    if "seeds" in flags:
        raise UserError("seeds is for the shell: gan-zoo train --seeds=0,1,2; here call train for each seed, with a "
                        "run_dir of its own")
    given = None
    if dataset is not None and not isinstance(dataset, str):
        from gan_zoo.data import from_arrays

        given, dataset = from_arrays(dataset, labels, ARRAYS), ARRAYS
    elif labels is not None:
        raise UserError("labels go with images as arrays: give dataset=images too, or leave labels out")
    if all(flags.get(name) is not None for name in LENGTHS):
        raise UserError(f"{' and '.join(LENGTHS)} exclude each other: give one of them")
    arguments = [] if flagfile is None else [f"--flagfile={os.fspath(flagfile)}"]
    first = {name: value for name, value in (("model", model), ("dataset", dataset)) if value is not None}
    arguments += [keywords.argument(name, value) for name, value in {**first, **flags}.items()]
    command = command_line.parse(arguments)
    for action in sorted(command.actions):
        raise UserError(f"--{action} is for the shell: gan-zoo train --{action}; here leave it out")
    if given:
        from gan_zoo.data.given import check_given

        check_given(command.experiment)
    run, ended = begin(command, given, ["gan_zoo.train", *arguments])
    if ended.signal:
        signal.raise_signal(ended.signal)  # saved; now it has its usual effect
    return run


def begin(command: CommandLine, dataset: "ImageDataset | None" = None,
          written: list[str] | None = None, forecast: bool = False) -> "tuple[Run, Ended]":
    """Trains what a command line asks for. dataset: in place of what --dataset names. written: the command, as text.

    forecast: whether it says beforehand how long it takes.
    """
    check_names(command.experiment)
    experiment = resolved(command)
    cluster = clusters.wanted(experiment.strategy, os.environ.get(clusters.VARIABLE))
    if cluster:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of a worker that is lost TensorFlow tells all it knows
    with quiet():
        from gan_zoo.training import loop, machine, meeting, restoring
    with machine.precision(experiment.precision), without_retracing_warnings():
        if cluster:
            machine.check_unused()
            with quiet():
                machine.check_workers(experiment, len(cluster.addresses))
                asked = {**_asked(experiment), "devices": machine.devices()}
            meeting.meet(cluster, asked, experiment.worker_timeout_s, lambda line: print(line, flush=True))
        with deadline(_START) if cluster else nullcontext(), quiet():
            strategy = machine.prepare(experiment, cluster)
        ended = loop.train(experiment, strategy, dataset, command=written or sys.argv, forecast=forecast)
        trainer = ended.trainer
        model = restoring.live(trainer, ended.exported)
    return Run(Path(str(experiment.run_dir)), trainer.plan.experiment, ended.step, model, ended.history.arrays(),
               trainer, dataset), ended


def _asked(experiment: Experiment) -> dict[str, Any]:
    """What has to be the same for all workers: flags but those of one machine, and versions."""
    from gan_zoo.training import versions

    asked = {f"--{item.name}": getattr(experiment, item.name) for item in flags() if not item.metadata["of_machine"]}
    return asked | {name: version for name, version in versions.of_packages().items() if name != "python"}


def resolved(command: CommandLine) -> Experiment:
    """The experiment with the folder of its run, whole paths of its other folders, and what was left open settled."""
    experiment = command.experiment
    folder = Path(experiment.run_dir or Path("runs") / command.name).expanduser()
    check_local("--run_dir", experiment.run_dir or "")
    check_local("--cache_dir", experiment.cache_dir or "")
    return replace(left_open.settled(experiment, folder), run_dir=str(folder), data_dir=_whole(experiment.data_dir),
                   cache_dir=_whole(experiment.cache_dir), init_from=_whole(experiment.init_from))


def _whole(path: str | None) -> str | None:
    """The absolute path of a folder of this machine; data may also lie elsewhere."""
    return str(Path(path).expanduser().absolute()) if path and not is_url(path) else path


def load(run_dir: str | os.PathLike, dataset: Any = None, labels: Any = None, *,
         checkpoint: str | int | None = None, data_dir: str | None = None) -> Run:
    """A run in any state: a complete one with what it exported, another at its newest checkpoint.

    dataset, labels: the arrays that it was trained on, if it was on arrays. checkpoint: another state, as 500,
    "step_00000500", "newest", or "best" for the best check. data_dir: where the data lie now. Load only runs that you
    trust: the graph of an export may write files. Raises UserError if there is no run, or no such checkpoint.
    """
    path = Path(os.path.expanduser(check_path(os.fspath(run_dir), "run_dir")))
    with quiet():
        from gan_zoo.evaluation.candidates import experiment_of_run
        from gan_zoo.export.model import Model
        from gan_zoo.training import checkpoints, restoring
        from gan_zoo.training.run_directory import is_complete, readable_checkpoints
    experiment = experiment_of_run(str(path), "run_dir")
    if data_dir:
        experiment = replace(experiment, data_dir=data_dir)
    kept = readable_checkpoints(path)
    chosen = None if checkpoint in (None, *restoring.OTHERS) else [restoring.named(path, str(checkpoint))]
    given = None
    if dataset is not None:
        from gan_zoo.data import from_arrays

        given = from_arrays(dataset, labels, ARRAYS)
    exported = (path / "export").is_dir()
    _check_there(path, checkpoint, kept, exported)
    if kept:
        try:
            trainer, state = restoring.restored(experiment, path, given, chosen)
            model = restoring.live(trainer, restoring.use_best(trainer, state, path, checkpoint))
            return Run(path, experiment, state.step, model, state.history, trainer, given)
        except UserError:  # the data are not here, say, without which a checkpoint can't be read
            if given or checkpoint or not exported or not is_complete(path):
                raise
    model = Model.read(str(path / "export"), "run_dir")
    history = checkpoints.newest_history(path / "checkpoints") if kept else {}
    return Run(path, experiment, model.description.metadata.get("step") or 0, model, history, None, given)


def _check_there(path: Path, checkpoint: str | int | None, kept: bool, exported: bool) -> None:
    if checkpoint and not kept:
        raise UserError(f"checkpoint={checkpoint}: {path / 'checkpoints'} holds none that can be read")
    if not kept and not exported:
        raise UserError(f"run_dir={path} has neither a checkpoint nor an export yet: finish the run with python "
                        f"train.py --flagfile={path / 'run.flags'}")
