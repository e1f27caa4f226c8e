"""What will be done: flags resolved once, in two stages, since some need the data and some are wrong before those.

A Draft is what the flags say by themselves; a mistake in one is found in a moment, before data are loaded or decoded.
A Plan is a draft with its data. What comes after it parses no text and asks no flag twice.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from gan_zoo import augmentation, data, latents, models, objectives
from gan_zoo.augmentation import Sight
from gan_zoo.data import Dataset, Source
from gan_zoo.declaring import as_rounds
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.latents import Label, Latent
from gan_zoo.latents.codes import parameter_count
from gan_zoo.play import Objective
from gan_zoo.registry import Call, one_call
from gan_zoo.schedules import held_by, number_or_schedule
from gan_zoo.training.averaging import Averaging, build_average
from gan_zoo.training.players import OptimizerCall, read_optimizer

_FEWEST_GRIDS = 20
_SAMPLE_EVERY = (200, 100, 50, 20, 10, 5, 2, 1)


@dataclass(frozen=True)
class Draft:
    """What the flags say by themselves.

    model: its call, checked. conditional: whether images have a class. sight: what is done to what the discriminator
    sees. optimizers: by player. average: of the generator, or None.
    """

    experiment: Experiment
    model: Call
    latent: Latent
    conditional: bool
    objective: Objective
    sight: Sight
    optimizers: Mapping[str, OptimizerCall]
    average: Averaging | None

    @property
    def needs_total(self) -> bool:
        """Whether a schedule depends on the run's length, so that another length is another run."""
        holders = [self.objective, *getattr(self.objective, "terms", ())]
        held = [schedule for holder in holders for schedule in held_by(vars(holder))]
        held += [schedule for call in self.optimizers.values() for schedule in held_by(call.arguments)]
        return any(schedule.needs_total for schedule in [*held, *([self.sight.noise] if self.sight.noise else [])])


@dataclass(frozen=True)
class Plan(Draft):
    """A draft with its data.

    experiment: with its length in `steps` and its best_metric. label: the classes of the data, or None.
    """

    data: Dataset
    label: Label | None
    steps: int

    @property
    def best_metric(self) -> str:
        """The statistic that tells the best check."""
        return str(self.experiment.best_metric)

    @property
    def images_per_round(self) -> int:
        """Real images that a round shows to the discriminator."""
        return self.experiment.batch_size * self.experiment.discriminator_updates

    @property
    def rounds_per_epoch(self) -> float:
        return self.data.count / self.images_per_round

    @property
    def generator_batch_size(self) -> int:
        """Images that a move of the generator's own generates."""
        return self.experiment.generator_batch_size or self.experiment.batch_size

    @property
    def sample_every(self) -> int:
        """Rounds between sample grids: as the flag says, or at most 200 and so that 20 rounds or more make 20 grids."""
        if asked := self.experiment.sample_every_steps:
            return asked
        return next((every for every in _SAMPLE_EVERY if _FEWEST_GRIDS * every <= self.steps), _SAMPLE_EVERY[0])

    @property
    def notices(self) -> list[str]:
        """What the user should know before the run, lines."""
        flags, notices = self.experiment, []
        if self.data.class_names and self.data.label_note and not self.label:
            notices.append(f"note: {self.data.label_note}")
        bound = self.objective.bounds_slope or flags.discriminator_weight_clip or flags.spectral_norm
        if self.objective.needs_bound and not bound:
            notices.append(f"note: nothing bounds the critic of --objective={flags.objective}, whose loss falls for "
                           f"ever: write --objective='{flags.objective} + gradient_penalty', or add --spectral_norm")
        return notices

    @property
    def shape(self) -> models.Shape:
        """What the networks are made for."""
        return models.Shape(self.data.image_shape, self.latent.size, parameter_count(self.latent.codes),
                            self.label.size if self.label else 0, self.objective.reads_labels, self.sight.packing,
                            self.experiment.spectral_norm)


def flagged(flag: str, build: Callable, spec: str, *args):
    """Builds from a spec; an error names the flag that it came from."""
    try:
        return build(spec, *args)
    except UserError as error:
        raise UserError(f"--{flag}={spec}: {error}") from None
    except (MemoryError, tf.errors.ResourceExhaustedError):
        raise UserError(f"--{flag}={spec} does not fit into memory: make it smaller") from None


def draft(experiment: Experiment) -> Draft:
    """Reads the flags; UserError for a wrong one, or for some that don't go together."""
    model = flagged("model", one_call, experiment.model)
    flagged("model", lambda _: models.check(model), experiment.model)
    latent = flagged("latent", latents.build, experiment.latent)
    conditional = experiment.conditional or latent.num_classes is not None
    objective = _objective(experiment, latent, conditional)
    optimizers = {player: read_optimizer(f"--{player}_optimizer", getattr(experiment, f"{player}_optimizer"))
                  for player in ("discriminator", "generator")}
    drafted = Draft(experiment, model, latent, conditional, objective, _sight(experiment), optimizers,
                    build_average(experiment.generator_average))
    _check_packing(drafted)
    _check_pairs(drafted)
    return drafted


def plan(drafted: Draft, dataset: Dataset | None = None) -> Plan:
    """The draft with its data, which are loaded unless they are given."""
    dataset = dataset or _loaded(drafted)
    _check_classes(drafted, dataset)
    experiment = drafted.experiment
    _check_batches(drafted, dataset)
    if drafted.sight.augmentation and not dataset.has_pixels:
        raise UserError(f"--augment={experiment.augment} changes images, but --dataset={experiment.dataset} has "
                        "points: leave it out")
    steps = experiment.rounds(dataset.count)
    _check_profile(experiment, steps)
    best = experiment.best_metric or _best_metric(dataset)
    resolved = replace(experiment, steps=steps, epochs=None, best_metric=best)
    settings = vars(drafted) | {"experiment": resolved}
    return Plan(**settings, data=dataset, label=_label(drafted, dataset) if drafted.conditional else None, steps=steps)


def _objective(experiment: Experiment, latent: Latent, conditional: bool) -> Objective:
    names = ", ".join(code.name for code in latent.codes)
    if experiment.recognizer and not names:
        raise UserError(f"--recognizer has no codes to tell in --latent={experiment.latent}: add some, as in "
                        "'noise(62) + categorical(10) + uniform(2)'")
    if experiment.recognizer is False and names:
        raise UserError(f"--latent={experiment.latent} has the codes {names}, which nothing can tell under "
                        "--norecognizer: leave that out")
    objective = flagged("objective", objectives.build, experiment.objective, latent.codes, conditional)
    if latent.codes and not objective.reads_codes:
        raise UserError(f"--latent={experiment.latent} has the codes {names}, "
                        f"which --objective={experiment.objective} does not look at: add a term, as in "
                        f"'{experiment.objective} + mutual_information'")
    return objective


def _sight(experiment: Experiment) -> Sight:
    augmentations = flagged("augment", augmentation.build, experiment.augment) if experiment.augment else None
    noise = number_or_schedule(experiment.instance_noise, "--instance_noise", least=0)
    return Sight(augmentations, noise if noise.highest > 0 else None, experiment.packing)


def _check_packing(drafted: Draft) -> None:
    experiment, flag = drafted.experiment, f"--packing={drafted.sight.packing}"
    if drafted.sight.packing == 1:
        return
    if drafted.conditional or drafted.latent.codes:
        what = "a class" if drafted.conditional else "codes"
        raise UserError(f"{flag} gives several images one score, so none of them can have {what}: leave --packing out, "
                        "or --conditional and codes in --latent")
    for name in ("batch_size", "generator_batch_size"):
        size = getattr(experiment, name)
        if size is not None and size % drafted.sight.packing:
            raise UserError(f"--{name}={size} can't be cut into packs of {flag}: use "
                            f"{max(1, size // drafted.sight.packing) * drafted.sight.packing}")


def _check_pairs(drafted: Draft) -> None:
    size, of_generator = drafted.experiment.batch_size, drafted.experiment.generator_batch_size
    if drafted.objective.pairs and of_generator not in (None, size):
        raise UserError(f"--generator_batch_size={of_generator} leaves some images of --batch_size={size} without a "
                        f"partner, whom --objective={drafted.experiment.objective} compares them with: leave it out")


def _loaded(drafted: Draft) -> Dataset:
    """The data that the flags name; that they have the classes that are wanted is found before they are decoded."""
    request = data.request(drafted.experiment)
    source = data.locate(request)
    _check_classes(drafted, source)
    return data.load(request, source)


def _check_classes(drafted: Draft, source: Source | Dataset) -> None:
    """Raises UserError if a conditional game is played on data without classes, or with others than --latent says."""
    if not drafted.conditional:
        return
    names, latent = source.class_names, f"--latent={drafted.experiment.latent}"
    if len(names) < 2:
        flag = "--conditional" if drafted.experiment.conditional else latent
        has = f"one class only, {names[0]}" if names else f"no labels{_because(source.label_note)}"
        raise UserError(f"{flag} needs the classes of the images, but {source.name} has {has}: leave it out, or "
                        "take other data with --dataset (a folder has labels if its pictures are in folders by class)")
    if drafted.latent.num_classes not in (None, len(names)):
        raise UserError(f"{latent}: the data have {len(names)} classes: write label({len(names)}), or leave it out and "
                        "set --conditional")


def _because(note: str) -> str:
    return f" ({note})" if note else ""


def _label(drafted: Draft, dataset: Dataset) -> Label:
    classes = latents.present(np.asarray(dataset.labels), dataset.class_names)
    if classes.numbers[0] < 0:
        raise UserError(f"--split={drafted.experiment.split} of {dataset.name} has images without a class (label "
                        f"{classes.numbers[0]}), but the game is conditional: choose another split")
    return latents.label_of(classes)


def _check_batches(drafted: Draft, dataset: Dataset) -> None:
    read = {"batch_size": drafted.experiment.batch_size}
    if drafted.conditional:  # the generator's moves read labels of the data
        read["generator_batch_size"] = drafted.experiment.generator_batch_size or 0
    for name, size in read.items():
        if dataset.has_pixels and size > dataset.count:
            raise UserError(f"--{name}={size} is larger than the data, {dataset.count} images: use at most "
                            f"{dataset.count}")


def _check_profile(experiment: Experiment, steps: int) -> None:
    text = experiment.profile_steps
    if text and as_rounds(text)[1] > steps:
        raise UserError(f"--profile_steps={text} ends after the run, which has {steps:,} steps: name earlier rounds, "
                        "or raise --steps")


def _best_metric(dataset: Dataset) -> str:
    """What tells the best check. Means and covariances of points are right long before their modes are sharp."""
    return "frechet" if dataset.has_pixels else "coverage"


def fingerprint(of: Plan) -> str:
    """Tells other data from these: other images, and in a conditional game other labels."""
    return of.data.fingerprint if of.label is None else f"{of.data.fingerprint}-{_digest(of.data.labels)}"


def identity(of: Plan) -> str:
    """The fingerprint, and behind it a hash of all images where these are in memory."""
    return "-".join(filter(None, [fingerprint(of), of.data.contents]))


def _digest(labels) -> str:
    return hashlib.blake2b(np.ascontiguousarray(labels, np.int32).data, digest_size=8).hexdigest()
