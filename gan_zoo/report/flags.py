"""The flags of a run: what sets it apart from its recipe, and all the others."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from gan_zoo import recipes
from gan_zoo.commands import flags as command_line
from gan_zoo.comparison.configurations import differing
from gan_zoo.comparison.tables import flag_text
from gan_zoo.errors import UserError
from gan_zoo.experiment import LENGTHS, Experiment
from gan_zoo.report.reading import Look


def compared(look: Look) -> dict[str, Any]:
    """{"base": what the flags are held against, "differing": [name, value, value there], "others": [name, value]}."""
    flags = look.record.flags
    base, expected = _base(look)
    apart = [name for name in differing([flags, expected]) if name in expected or flags[name] is not None]
    length = _length(look, base)
    shown = {*apart, *(name for name, *_ in length)}
    rows = [[name, flag_text(name, flags[name]), flag_text(name, expected.get(name))] for name in apart]
    return {"base": base, "differing": rows + length,
            "others": [[name, flag_text(name, value)] for name, value in flags.items() if name not in shown]}


def _length(look: Look, base: str) -> list[list[str]]:
    """The length that the command gave, which run.json has as steps, beside that of the recipe."""
    command = look.record.record.get("command")
    texts = [text.lstrip("-") for text in command if isinstance(text, str)] if isinstance(command, list) else []
    given = [text.partition("=")[::2] for text in texts if text.partition("=")[0] in LENGTHS and "=" in text]
    return [[name, value, f"that of {base}"] for name, value in given[-1:]]


def _base(look: Look) -> tuple[str, Mapping[str, Any]]:
    """What the run began from: the recipe that its command names, that of its model, or the defaults."""
    flags, folder = look.record.flags, recipes.folder()
    model, dataset = (str(flags[name]).partition("(")[0].strip() for name in ("model", "dataset"))
    named, both = _named(look.record.record.get("command")), [f"--model={model}", f"--dataset={flags['dataset']}"]
    for name, arguments in ((named, [f"--flagfile={folder / f'{named}.flags'}"]), (f"{model}_{dataset}", both),
                            (model, both)):
        if name and (folder / f"{name}.flags").is_file():
            try:
                return f"the recipe {name}", _with_length(command_line.parse(arguments).experiment.values(), flags)
            except UserError:
                continue
    return "the defaults", _with_length(Experiment().values(), flags)


def _named(command: Any) -> str | None:
    """The recipe in the command that began the run, as configs/NAME.flags."""
    files = [PurePath(text.partition("=")[2]) for text in command if isinstance(text, str)
             and text.lstrip("-").startswith("flagfile=")] if isinstance(command, list) else []
    return next((file.stem for file in reversed(files) if file.parent.name == "configs"), None)


def _with_length(expected: dict[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """Run.json has epochs as steps, which are not to be told from those of a recipe that says epochs."""
    return expected if expected.get("steps") else expected | {name: flags.get(name) for name in LENGTHS}
