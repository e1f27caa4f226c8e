"""Everything that a run can be told: the one place where a flag, its default and its help are declared."""

import functools
import math
import types
from dataclasses import Field, asdict, dataclass, fields
from numbers import Real
from typing import get_args, get_type_hints

from gan_zoo.declaring import as_rounds, bound, flag, least, number_or_call, path
from gan_zoo.errors import UserError, check_text, written

DEFAULT_EPOCHS = 20.0  # the length of a run that is given neither --steps nor --epochs
LENGTHS = ("steps", "epochs")
ARRAYS = "arrays"  # what --dataset says of images that only Python has
NO_CHOICES = ("tfds", ARRAYS)  # registered datasets that are not offered for --dataset
NAMED_BY = {"folder": "data_dir"}  # dataset → the flag whose value tells it from others of its kind, if not --dataset
KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
NUMBERS_OR_CALLS = ("instance_noise", "generator_average")
_GAME, _DATA, _SIGHT, _PLAYERS, _LENGTH, _JUDGING, _MACHINE, _RUN = (
    "The game", "The data", "What the discriminator sees", "The players", "Length and seed", "Is it good",
    "The machine", "The run and its records")


@dataclass(frozen=True)
class Experiment:
    """A run, fully described. Every field is a flag of the same name.

    steps, epochs: at most one of them; neither means DEFAULT_EPOCHS. A number is taken where a flag may be a number
    or a call. Raises UserError for a value that can't be, or for two that don't go together.
    """

    model: str = flag("dcgan", _GAME, "networks, as in dcgan(width=32); starts from the recipe configs/NAME.flags")
    objective: str = flag("non_saturating", _GAME, "losses, as in minimax or least_squares(b=0.9); a sum of terms")
    latent: str = flag("normal(100)", _GAME, "noise prior, as in normal(100) or uniform(100, low=0, high=1)")
    recognizer: bool | None = flag(None, _GAME, "a network that tells the latent's codes from the image; default: "
                                   "if there are codes", resumable=True)
    conditional: bool = flag(False, _GAME, "images by their class, which the players are told; needs labelled data")

    dataset: str = flag("mnist", _DATA, "mnist_5k, digits, folder, mixture_1d(weight=0.5), or any image dataset "
                        "of TensorFlow Datasets; see --list")
    data_dir: str | None = flag(None, _DATA, "where prepared TensorFlow Datasets lie, or the folder of images",
                                path, resumable=True, of_machine=True)
    split: str = flag("train", _DATA, "with slicing, as in train[:50000] or train+test")
    classes: str | None = flag(None, _DATA, "only these classes, as in 0 or 0,3")
    image_size: int | None = flag(None, _DATA, "pixels a side; default: the data's own", least(1), of_data=True)
    channels: int | None = flag(None, _DATA, "1 (grey) or 3 (RGB); default: the data's own", least(1), of_data=True)
    fit: str = flag("crop", _DATA, "what becomes of images that are not square: the central square, all with black "
                    "beside it, or all with both sides made equal", choices=("crop", "pad", "stretch"))
    image_key: str | None = flag(None, _DATA, "of TensorFlow Datasets, which part of an example is the image; "
                                 "default: image, or the first by name")
    label_key: str | None = flag(None, _DATA, "likewise the class; default: label, or the first by name")
    download: bool = flag(True, _DATA, "whether TensorFlow Datasets may download", resumable=True,
                          of_machine=True)
    resident_mib: int = flag(2048, _DATA, "larger data are streamed from a file instead of kept in memory",
                             least(0), resumable=True, of_machine=True)
    cache_dir: str | None = flag(None, _DATA, "where that file lies; default ~/.cache/gan_zoo", path, True,
                                 of_machine=True)

    instance_noise: str = flag(
        "0", _SIGHT, "standard deviation of noise on real and generated images alike: a number, or a schedule, as in "
        "linear(0.5, 0)", number_or_call(least=0))
    augment: str | None = flag(None, _SIGHT, "random changes of real and generated images alike, as in "
                               "flip + translate; see --list")
    packing: int = flag(1, _SIGHT, "images that get one score together, side by side in channels", least(1))

    discriminator_optimizer: str = flag("adam(learning_rate=2e-4, beta_1=0.5)", _PLAYERS,
                                        "an optimizer of Keras by its name in lower case; its learning rate may "
                                        "be a schedule, as in cosine(2e-4, 5e-5)")
    generator_optimizer: str = flag("adam(learning_rate=2e-4, beta_1=0.5)", _PLAYERS, "likewise")
    discriminator_updates: int = flag(1, _PLAYERS, "moves of the discriminator a round", least(1))
    generator_updates: int = flag(1, _PLAYERS, "moves of the generator a round", least(1))
    update: str = flag("simultaneous", _PLAYERS, "whether both move from one generator forward, or in turn",
                       choices=("simultaneous", "alternating"))
    same_noise: bool = flag(False, _PLAYERS, "alternating: the generator moves on the discriminator's noise")
    discriminator_clip_value: float | None = flag(
        None, _PLAYERS, "each component of its gradients to ±this", bound(least=0))
    discriminator_clip_norm: float | None = flag(
        None, _PLAYERS, "each of its gradient tensors to this L2 norm", bound(least=0))
    discriminator_clip_global_norm: float | None = flag(
        None, _PLAYERS, "all its gradients together to this L2 norm", bound(least=0))
    discriminator_weight_clip: float | None = flag(
        None, _PLAYERS, "its weights to ±this after each move (WGAN)", bound(least=0))
    spectral_norm: bool = flag(False, _PLAYERS, "divide each of its weights by their spectral norm")
    generator_clip_value: float | None = flag(None, _PLAYERS, "as for the discriminator", bound(least=0))
    generator_clip_norm: float | None = flag(None, _PLAYERS, "as for the discriminator", bound(least=0))
    generator_clip_global_norm: float | None = flag(None, _PLAYERS, "as for the discriminator", bound(least=0))
    init_from: str | None = flag(None, _PLAYERS, "weights to begin a new run with: a run, one of its checkpoints, or "
                                 "an export, of the same networks; data, objective and optimizers may be others",
                                 path, of_machine=True)
    generator_average: str = flag(
        "0", _PLAYERS, "decay a round of the generator's moving average, for samples and export, or a call as in "
        "half_life(500_000); 0: none", number_or_call(least=0, below=1))

    steps: int | None = flag(None, _LENGTH, "rounds in all; or --epochs, the last one given counts", least(1), True)
    epochs: float | None = flag(None, _LENGTH, f"passes over the data in all [{DEFAULT_EPOCHS:g} epochs]",
                                bound(above=0, most=10**9), True)
    batch_size: int = flag(128, _LENGTH, "real images a move, over all replicas", least(1))
    generator_batch_size: int | None = flag(None, _LENGTH, "generated images a move of the generator "
                                            "(alternating); default: --batch_size", least(1))
    seed: int = flag(0, _LENGTH, "gives initial weights, data order, noise and dropout", least(0, 2**128 - 1))

    evaluate_every_steps: int | None = flag(
        None, _JUDGING, "rounds between checks of what is generated; 0: none; default: as many as keep them at about "
        "1 % of the time of a CPU", least(0), True)
    best_metric: str | None = flag(  # checks are the chief's alone
        None, _JUDGING, "what tells the best check: the least Fréchet distance (default for images) or the largest "
        "coverage (for points)", choices=("frechet", "coverage"), of_data=True, of_machine=True)
    export: str = flag("best", _JUDGING, "the generator that is exported, of the best check or the last round",
                       resumable=True, choices=("best", "last"))
    patience: int | None = flag(None, _JUDGING, "stop after so many checks without a better one", least(1), True)
    on_alarm: str = flag("warn", _JUDGING, "what to do if the verdict is a fault, a collapse say", resumable=True,
                         choices=("warn", "stop"))

    on_nan: str = flag("stop", _JUDGING, "what to do if a number is not finite: rollback goes on from the last "
                       "checkpoint at half the learning rates, at most three times", resumable=True,
                       choices=("stop", "rollback"))

    strategy: str = flag("auto", _MACHINE, "replication (auto: over all GPUs of the machine, and all machines of "
                         "TF_CONFIG)", resumable=True, choices=("auto", "one_device", "mirrored", "multi_worker"),
                         of_machine=True)
    worker_timeout_s: int = flag(300, _MACHINE, "several machines: seconds that they wait for each other at the start",
                                 least(1, 10**6), True, of_machine=True)
    precision: str = flag("float32", _MACHINE, "of the layers; losses stay in float32 (auto: mixed_bfloat16 where the "
                          "processor has instructions for it)",
                          choices=("float32", "mixed_bfloat16", "mixed_float16", "float64", "auto"))
    jit_compile: bool = flag(False, _MACHINE, "compile the round with XLA (slower for convolutions on a CPU)")
    rounds_per_call: int | None = flag(None, _MACHINE, "rounds a call of the graph; default: about a second's",
                                       least(1), True)
    logical_cpus: int = flag(1, _MACHINE, "split the CPU into this many devices, to try replication",
                             least(1), True)

    run_dir: str | None = flag(None, _RUN, "default: runs/, named after the config and the dataset", path, True,
                               of_machine=True)
    checkpoint_every_steps: int = flag(500, _RUN, "rounds between checkpoints", least(1), True)
    keep_checkpoints: int | None = flag(None, _RUN, "how many of the newest to keep; default: 3, or 2 if they are "
                                        "large", least(1), True)
    sample_every_steps: int | None = flag(None, _RUN, "rounds between sample grids; default: 200, in a run of under "
                                          "4,000 rounds so few that there are 20 grids", least(1), True)
    sample_count: int = flag(64, _RUN, "images in a sample grid, at most 10,000, of a hundred classes (or this "
                             "number, if it is larger) one or more each; points in a plot, 2,048 or more",
                             least(1, 10_000), True)
    log_every_steps: int = flag(20, _RUN, "rounds averaged into one point of TensorBoard", least(1), True)
    histogram_every_steps: int = flag(500, _RUN, "rounds between histograms of the weights", least(1), True)
    profile_steps: str | None = flag(None, _RUN, "A,B: a profile of the rounds from step A to step B goes into the "
                                     "run's folder: which operation takes how long",
                                     lambda _, value: value and as_rounds(value), True)

    def __post_init__(self):
        for name in NUMBERS_OR_CALLS:
            if isinstance(getattr(self, name), Real):
                object.__setattr__(self, name, str(getattr(self, name)))  # the class is frozen
        for item in flags():
            check_value(item.name, getattr(self, item.name))
        if self.steps is not None and self.epochs is not None:
            raise UserError("--steps and --epochs exclude each other: give one of them")
        if self.evaluate_every_steps == 0:
            needing = {f"--patience={self.patience}": self.patience, "--on_alarm=stop": self.on_alarm == "stop"}
            for flag in (flag for flag, given in needing.items() if given):
                raise UserError(f"{flag} waits for checks, and --evaluate_every_steps=0 makes none: leave one of them "
                                "out")
        _exclusive(self, "discriminator")
        _exclusive(self, "generator")
        if self.update == "simultaneous":
            given = {"same_noise": self.same_noise,
                     "generator_batch_size": self.generator_batch_size not in (None, self.batch_size)}
            for name, is_given in given.items():
                if is_given:
                    raise UserError(f"--{name} needs --update=alternating: in a simultaneous round both players "
                                    "share one batch")
            if self.generator_updates > 1:
                raise UserError("--generator_updates above 1 needs --update=alternating")
        elif self.same_noise and self.generator_batch_size not in (None, self.batch_size):
            raise UserError("--same_noise needs --generator_batch_size equal to --batch_size")

    def rounds(self, images: int) -> int:
        """The length of the run on data of so many images."""
        epochs = DEFAULT_EPOCHS if self.epochs is None else self.epochs
        return self.steps or math.ceil(epochs * images / (self.batch_size * self.discriminator_updates))

    def values(self) -> dict:
        """The flags by name."""
        return asdict(self)

    def to_flags(self) -> list[str]:
        """The lines of a flagfile that gives this experiment again, whatever the recipe says."""
        values = self.values()
        if self.steps is None and self.epochs is None:
            values["epochs"] = DEFAULT_EPOCHS  # as the recipe may have another length
        if "(" not in self.model:  # the builder's own defaults, which a bare name would not mean if a recipe has others
            values["model"] += "()"
        return [f"--{name}={as_text(name, value)}" for name, value in values.items()
                if value is not None or is_unset_by_text(name)]


def flags() -> tuple[Field, ...]:
    """The fields of Experiment, in the order of the help."""
    return fields(Experiment)


@functools.cache
def of_images() -> tuple[str, ...]:
    """The flags that choose from images of a source, or say how they are to be seen."""
    return tuple(item.name for item in flags() if item.metadata["group"] == _DATA and item.name != "dataset"
                 and not item.metadata["resumable"])


@functools.cache
def without_effect() -> frozenset[str]:
    """The flags on which nothing depends but where a run is, how fast it is and what it records."""
    return frozenset(item.name for item in flags() if item.metadata["group"] in (_DATA, _MACHINE, _RUN)
                     and item.metadata["resumable"])


@functools.cache
def kinds(name: str) -> tuple[type, ...]:
    """The types that a flag's value may have, NoneType among them if it may be unset."""
    hint = _hints()[name]
    return get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


@functools.cache
def _hints() -> dict[str, type]:
    return get_type_hints(Experiment)


def check_value(name: str, value) -> None:
    """Raises UserError for a value that a flag can't have, of another type than its own, say."""
    if name in NUMBERS_OR_CALLS and isinstance(value, Real):
        value = str(value)  # records of older runs hold numbers
    _check_type(name, value)
    if check := Experiment.__dataclass_fields__[name].metadata["check"]:
        check(f"--{name}", value)


def _check_type(name: str, value) -> None:
    taken = kinds(name)
    if value is None and type(None) in taken:
        return
    if value is not None and int in taken:
        return  # the check of a whole number names its range, too
    fits = isinstance(value, (*taken, int) if float in taken else taken)
    if not fits or (isinstance(value, bool) and bool not in taken):
        raise UserError(f"--{name} must be {KINDS[taken[0]]}, got {written(value)}")
    if isinstance(value, str):
        check_text(value, f"--{name}")


def is_unset_by_text(name: str) -> bool:
    """Whether an empty text, or for a bound a 0, means "not set"."""
    return type(None) in kinds(name) and (float in kinds(name) or str in kinds(name)) and name not in LENGTHS


def as_text(name: str, value) -> str:
    if value is None:
        return "0" if float in kinds(name) else ""
    return str(value).lower() if bool in kinds(name) else str(value)


def _exclusive(experiment: Experiment, player: str) -> None:
    names = [f"{player}_clip_{kind}" for kind in ("value", "norm", "global_norm")]
    given = [f"--{name}" for name in names if getattr(experiment, name)]
    if len(given) > 1:
        raise UserError(f"{' and '.join(given)} exclude each other: set one, the others to 0")
