"""argv → Experiment: recipes, flagfiles and flags, each overriding what stands before it."""

import os
import re
import textwrap
from collections.abc import Callable
from dataclasses import Field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gan_zoo import experiment, recipes
from gan_zoo.commands import hints
from gan_zoo.commands.flagfiles import Argument, Flagfiles, flag_name
from gan_zoo.errors import UserError, check_flag_name, check_text, written
from gan_zoo.experiment import KINDS, LENGTHS, NAMED_BY, Experiment, is_unset_by_text, kinds

if TYPE_CHECKING:
    from absl import flags as absl_flags  # imported where it is used: it takes as long as the help text

ACTIONS = {
    "list": "show the registered models, objectives, latents, datasets, metrics and optimizers, and end",
    "dry_run": "show the resolved flags, the networks and the data, and end",
    "help": "show this text",
}
_WIDTH, _COLUMN = 110, 37  # of the help: characters a line, and where its texts begin
_FIRST = ("model", "dataset", "data_dir", "epochs", "run_dir")  # flags that do for a beginning
_LONGEST_NAME = 100  # characters of a run's name that are a folder's
_OF_ANOTHER = re.compile(r"""^\s*\w+\s*\(\s*(?:of\s*=\s*)?(["'])(.*?)\1.*$""", re.S)  # the "mnist" of stacked("mnist")


class CommandLine(NamedTuple):
    """What was asked for. name: of the run; actions: those of ACTIONS that are on; seeds: of --seeds, () without it."""

    experiment: Experiment
    name: str
    actions: frozenset[str]
    seeds: tuple[int, ...] = ()


def parse(argv: list[str], configs: Path | None = None) -> CommandLine:
    """Parses the arguments (without the program's name); `configs` is the folder of recipes if not the zoo's own."""
    configs = configs or recipes.folder()
    given, files = _expand(argv, configs)
    recipe = _recipe(given, configs)
    given = [_as_in_recipe(argument, recipe) for argument in given]
    values = _define()
    length = None
    for argument in [*recipe, *given]:
        _set(values, argument)
        name = flag_name(argument.text)
        length = name if name in LENGTHS else length
    settings: dict[str, Any] = {item.name: values[item.name].value for item in experiment.flags()}
    settings |= {name: None for name in LENGTHS if name != length}
    actions = frozenset(action for action in ACTIONS if values[action].value)
    settings = {key: value or None if is_unset_by_text(key) else value for key, value in settings.items()}
    settings["model"] = settings["model"].removesuffix("()")
    seeds = _seeds(values["seeds"].value, given)
    return CommandLine(Experiment(**settings), _run_name(given, files, settings), actions, seeds)


def help_text() -> str:
    """The flags with their defaults: the five that do for a beginning, then all others, grouped."""
    lines = ["python train.py --model=NAME [--flagfile=configs/NAME.flags] [--flag=value …]", "",
             "To begin with:"]
    for name in _FIRST:
        lines += _entry(Experiment.__dataclass_fields__[name])
    lines += ["", "Instead of training, and several flags at once:"]
    for action, text in ACTIONS.items():
        lines += _help_lines(f"--{action}", text)
    lines += _help_lines("--flagfile=FILE", "read flags from a file, in place")
    lines += _help_lines("--seeds=0,1,2", "a run for each seed, one after the other, in runs/NAME/seed_0 and so on; "
                         "the same command again goes on, past those that are finished")
    group = None
    for item in experiment.flags():
        if item.name in _FIRST:
            continue
        if item.metadata["group"] != group:
            group = item.metadata["group"]
            lines += ["", f"{group}:"]
        lines += _entry(item)
    return "\n".join(lines)


def _entry(item: Field) -> list[str]:
    default = "" if item.default is None else f" [{item.default}]"
    name = f"--{item.name}" if not _is(item.name, bool) else f"--[no]{item.name}"
    return _help_lines(name, item.metadata["help"] + default)


def _help_lines(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"  {name}".ljust(_COLUMN), subsequent_indent=" " * _COLUMN,
                         break_long_words=False, break_on_hyphens=False)


def _is(name: str, kind: type) -> bool:
    return name in Experiment.__dataclass_fields__ and kind in kinds(name)


def _define() -> "absl_flags.FlagValues":
    from absl import flags as absl_flags

    values = absl_flags.FlagValues()
    define: dict[type, Callable] = {bool: absl_flags.DEFINE_boolean, int: absl_flags.DEFINE_integer,
                                    float: absl_flags.DEFINE_float, str: absl_flags.DEFINE_string}
    for item in experiment.flags():
        define[kinds(item.name)[0]](item.name, item.default, item.metadata["help"], flag_values=values)
    for action, text in ACTIONS.items():
        absl_flags.DEFINE_boolean(action, False, text, flag_values=values)
    absl_flags.DEFINE_string("seeds", None, "", flag_values=values)
    return values


def _set(values: "absl_flags.FlagValues", argument: Argument) -> None:
    from absl import flags as absl_flags

    where = "" if argument.origin == "command line" else f"{argument.origin}: "
    name, _, value = argument.text.lstrip("-").partition("=")
    check_text(check_flag_name(argument.text), f"{where}--{name}")
    try:
        rest = values(["train.py", argument.text])
    except absl_flags.UnrecognizedFlagError as error:
        hint = hints.for_flag(error.flagname, value, [*values, "flagfile"])
        raise UserError(f"{where}unknown flag --{error.flagname}; {hint}(--help shows all)") from None
    except (absl_flags.Error, ValueError):
        kind = next((text for kind, text in KINDS.items() if _is(name, kind)), KINDS[bool])
        raise UserError(f"{where}--{name} must be {kind}, got {written(value)}") from None
    if len(rest) > 1:
        raise UserError(f"{where}{argument.text!r} is not a flag: write --flag=value (see --help)")


def _seeds(text: str | None, given: list[Argument]) -> tuple[int, ...]:
    """The seeds of --seeds, () if it isn't given. A --seed in a flagfile, as run.flags has one, gives way to them."""
    if text is None:
        return ()
    if any(flag_name(argument.text) == "seed" and argument.origin == "command line" for argument in given):
        raise UserError("--seed and --seeds exclude each other: give one of them")
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,18}", part) for part in parts):
        raise UserError(f"--seeds={text} must be whole numbers of at least 0, as in --seeds=0,1,2")
    seeds = tuple(map(int, parts))
    if len(seeds) == 1:
        raise UserError(f"--seeds={text} is one seed: write --seed={text}, or several, as in --seeds=0,1,2")
    if len(set(seeds)) < len(seeds):
        raise UserError(f"--seeds={text} has a seed twice: leave one out")
    return seeds


def _expand(argv: list[str], configs: Path) -> tuple[list[Argument], list[str]]:
    """The arguments with every flagfile replaced by its lines, and the flagfiles that argv names.

    A value of several lines becomes one line.
    """
    reader = Flagfiles(configs)
    arguments, files, rest = [], [], [" ".join(text.splitlines()).strip() for text in argv]
    while rest:
        text = rest.pop(0)
        name = flag_name(text)
        takes_value = name in ("flagfile", "seeds") or (name in Experiment.__dataclass_fields__
                                             and not _is(name, bool))
        if text.startswith("-") and "=" not in text and takes_value:
            if not rest or rest[0].startswith("--"):
                raise UserError(f"--{name} needs a value: --{name}=…")
            text = f"--{name}={rest.pop(0)}"
        elif _is_unknown(name) and "=" not in text and rest and not rest[0].startswith("-"):
            text = f"{text}={rest.pop(0)}"  # so that what is told of the flag can say its value again
        text = {"-h": "--help"}.get(text, text)
        if text.startswith("-") and name == "flagfile":
            files.append(text.split("=", 1)[1])
            arguments += reader.read(files[-1])
        else:
            arguments.append(Argument(text, "command line"))
    return arguments, files


def _is_unknown(name: str) -> bool:
    plain = name.replace("-", "_")
    return not {plain, plain.removeprefix("no")} & {*Experiment.__dataclass_fields__, *ACTIONS, "help", "h", "seeds"}


def _last(arguments: list[Argument], name: str) -> str:
    given = [a.text.partition("=")[2] for a in arguments if a.text.startswith("-") and flag_name(a.text) == name]
    return given[-1] if given else str(Experiment.__dataclass_fields__[name].default)


def _recipe(given: list[Argument], configs: Path) -> list[Argument]:
    """The flags of configs/MODEL.flags and of configs/MODEL_DATASET.flags, as far as there are such files."""
    model = _model_name(given)
    arguments = _optional_file(configs, f"{model}.flags")
    if any(flag_name(argument.text) == "model" for argument in arguments) and _model_name(arguments) != model:
        raise UserError(f"--model={model}: {model} is a flagfile, not a model: use --flagfile=configs/{model}.flags")
    dataset = _dataset_name(_last([*arguments, *given], "dataset"))
    return arguments + _optional_file(configs, f"{model}_{dataset}.flags")


def _as_in_recipe(argument: Argument, recipe: list[Argument]) -> Argument:
    """A bare --model=NAME means NAME with the arguments that its recipe gives it."""
    name, _, value = argument.text.partition("=")
    if name.lstrip("-") != "model" or "(" in value or not recipe:
        return argument
    return argument._replace(text=f"--model={_last(recipe, 'model')}") if _model_name(recipe) == value else argument


def _optional_file(configs: Path, name: str) -> list[Argument]:
    return Flagfiles(configs).read(str(configs / name)) if os.path.isfile(configs / name) else []


def _model_name(arguments: list[Argument]) -> str:
    return re.split(r"\W", _last(arguments, "model").strip(), maxsplit=1)[0]


def _dataset_name(dataset: str) -> str:
    """For file names: that of a spec without its arguments, and of a TFDS name without its slashes and colons."""
    return _file_name(dataset.partition("(")[0].strip())


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text)


def _run_name(given: list[Argument], files: list[str], settings: dict) -> str:
    """The flagfile's or the model's, then the dataset's, and that of the one that it is made of."""
    name = Path(files[-1]).stem if files else _model_name(given)
    for dataset in (settings["dataset"], _OF_ANOTHER.sub(r"\2", settings["dataset"])):
        part = _data_name(dataset, settings)
        told = name.endswith(f"_{part}") or name == part == _dataset_name(dataset)
        name = name if told else f"{name}_{part}"
    return name


def _data_name(dataset: str, settings: dict) -> str:
    name = _dataset_name(dataset)
    if name in NAMED_BY and (place := settings[NAMED_BY[name]]):
        return _file_name(Path(os.path.expanduser(place)).resolve().name)[:_LONGEST_NAME] or name
    return name
