"""From an experiment to a trained, recorded and exported GAN, by one process or as one of several workers."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from gan_zoo.data import Dataset
from gan_zoo.errors import RunStopped, UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training import following, plan
from gan_zoo.training.ends import RolledBack
from gan_zoo.training.history import History
from gan_zoo.training.interruption import unswallowed
from gan_zoo.training.one_run import Ended, OneRun
from gan_zoo.training.progress import Progress
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.trainer import Trainer
from gan_zoo.training.workers import Action, Order, Workers


def train(experiment: Experiment, strategy: tf.distribute.Strategy, dataset: Dataset | None = None,
          progress: Progress | None = None, command: Sequence[str] = (), forecast: bool = False) -> Ended:
    """Trains, resumes or finishes the run in experiment.run_dir.

    strategy: from machine.prepare. dataset: in place of what --dataset names. progress: shows how far it is.
    command: what was typed, for the record. forecast: whether it says beforehand how long it takes.

    Raises UserError for what the user can mend, before anything is written there, and RunStopped if a number is not
    finite or the disk fails.
    """
    if experiment.run_dir is None:
        raise ValueError("a run needs a folder: set run_dir")
    run = RunDirectory(experiment.run_dir)
    workers, progress = Workers(strategy), progress or Progress()
    with workers.together():
        if workers.is_chief:
            run.check_path()
        planned = plan.plan(plan.draft(experiment), dataset)
        if workers.is_chief:
            run.check(planned.experiment, plan.identity(planned), planned.needs_total)
    workers.check_same(plan.fingerprint(planned), "other images or labels")

    def build() -> Trainer:
        with workers.watched(), unswallowed():
            return Trainer(planned, strategy)

    def begin(trainer: Trainer) -> OneRun:
        return OneRun(run, trainer, progress, command, forecast, workers)

    if not workers.is_chief:
        return _follow(workers, build, progress)
    trainer = build()
    try:
        with workers.together():
            run.claim()
            run.check(planned.experiment, plan.identity(planned), planned.needs_total)  # or another has begun it
            run.clear()
            begun = begin(trainer)
        return _lead(workers, begun, build, begin)
    except (UserError, RunStopped):
        run.give_up()
        raise
    finally:
        run.release()


def _lead(workers: Workers, begun: OneRun, build: Callable[[], Trainer], begin: Callable[[Trainer], OneRun]) -> Ended:
    """The part of the chief, who may be alone. build, begin: what a run that is taken back does once more."""
    while True:
        workers.share(begun.trainer, begun.step)
        try:
            ended = begun.go()
            break
        except RolledBack:  # goes on as a new process would, with what run.json now says
            workers.tell(Order(Action.REBUILD))
            trainer = build()
            with workers.together():
                begun = begin(trainer)
    workers.tell(Order(Action.END, code=128 + ended.signal if ended.signal else 0))
    workers.share(ended.trainer, ended.exported)
    return ended


def _follow(workers: Workers, build: Callable[[], Trainer], progress: Progress) -> Ended:
    """The part of a worker that is not the chief."""
    progress.say(f"{workers.name}, of {workers.count}: how far the run is, and all that comes of it, is with the chief")
    followed = following.follow(workers, build)
    ending = followed.signal.name if followed.signal else "done"
    progress.say(f"{workers.name}: {ending} at step {followed.step:,}")
    return Ended(followed.trainer, History(), followed.step, followed.exported, followed.signal)
