"""What the pages of docs/ say of registered things, from the things themselves: `python -m docs.generate`.

In a page, all that lies between `<!-- model: dcgan -->` (or objective) and `<!-- end -->` is written here: the call
with its defaults, the docstring, and of a model its recipe and the size of its networks. A test sees to it that the
pages are as this writes them.
"""

import functools
import inspect
import math
import re
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path

from gan_zoo import models, objectives, recipes
from gan_zoo.commands import flags
from gan_zoo.errors import UserError
from gan_zoo.game import GAN
from gan_zoo.latents.codes import parameter_count
from gan_zoo.registry import Registry
from gan_zoo.training.plan import Draft, draft

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / "models.md", ROOT / "docs" / "objectives.md"]
_BLOCK = re.compile(r"(<!-- (model|objective): (\w+) -->\n).*?(<!-- end -->)", flags=re.S)
_WIDTH = 88  # of a call in its box
_IMAGE, _POINT = (28, 28, 1), (1, 1, 1)


def render(page: str) -> str:
    """The page with all its blocks made anew."""
    return _BLOCK.sub(lambda block: block[1] + "\n" + _MAKERS[block[2]](block[3]) + "\n\n" + block[4], page)


def _model(name: str) -> str:
    recipe = flags.parse([f"--model={name}"]).experiment
    drafted = draft(recipe)
    image_shape, generator, discriminator = _sizes(drafted)
    header = _header(recipes.folder() / f"{name}.flags")
    others = [file.name for file in sorted(recipes.folder().glob("*.flags")) if file.stem != name and _of(file) == name]
    lines = [_described(models.models, name), "",
             f"`configs/{name}.flags`: `{recipe.model}`, latent `{recipe.latent}`, objective `{recipe.objective}`. At "
             f"{'×'.join(map(str, image_shape))} the generator has {generator:,} parameters, the discriminator with "
             f"all its heads {discriminator:,}.", "",
             *(f"- {word}: {header[word]}." for word in ("Cost", "Expected")), f"- Command: `{header['Command']}`"]
    if others:
        lines += ["- More recipes: " + ", ".join(f"`{other}`" for other in others)]
    return "\n".join([lines[0], *(line for paragraph in lines[1:] for line in _wrapped(paragraph))])


def _objective(name: str) -> str:
    """Without the first line of the docstring, which the page says as a formula."""
    return _described(objectives.objectives, name, first=1)


_MAKERS: dict[str, Callable[[str], str]] = {"model": _model, "objective": _objective}


def _described(registry: Registry, name: str, first: int = 0) -> str:
    """The call with its defaults, then the docstring from a line on, arguments in bold at the head of what they are."""
    call = dict(zip(registry, registry.describe(), strict=True))[name][0]
    box = textwrap.fill(call, _WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    said = "\n".join((inspect.getdoc(registry[name]) or "").split("\n")[first:])
    paragraphs = [_bold(" ".join(part.split()), registry.hyperparameters(name))
                  for part in said.split("\n\n") if part.strip()]
    return "\n\n".join([f"```text\n{box}\n```", *("\n".join(_wrapped(part)) for part in paragraphs)])


def _bold(text: str, arguments: Iterable[str]) -> str:
    """A paragraph of Markdown, in which "width, slope: …" has the arguments in bold."""
    name = "(?:" + "|".join(map(re.escape, arguments)) + ")"
    text = re.sub(r"([*<])", r"\\\1", text)
    text = re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return re.sub(rf"(^|[.;] )({name}(?:, {name})*):", r"\1**\2**:", text)


def _wrapped(paragraph: str) -> list[str]:
    """As lines of Markdown."""
    if not paragraph:
        return [""]
    hanging = "  " if paragraph.startswith("- ") else ""
    return textwrap.wrap(paragraph, 120, subsequent_indent=hanging, break_on_hyphens=False, break_long_words=False)


def _header(file: Path) -> dict[str, str]:
    """What a recipe's header says, by its words, each with the lines that go on with it."""
    comment = "\n".join(line for line in file.read_text().splitlines() if line.startswith("#"))
    found = re.findall(r"^# (\w+): +(.*(?:\n# {5,}.*)*)", comment, flags=re.M)
    return {word: re.sub(r"\n# +", " ", text) for word, text in found}


@functools.cache  # every model asks for it of all files
def _of(file: Path) -> str:
    """The model of a recipe."""
    return draft(flags.parse([f"--flagfile={file}"]).experiment).model.name


def _sizes(drafted: Draft) -> tuple[tuple[int, int, int], int, int]:
    """(image shape, parameters of the generator, of the discriminator's player)."""
    def built(image_shape: tuple[int, int, int]) -> GAN:
        codes = parameter_count(drafted.latent.codes)
        return models.build(drafted.model, models.Shape(image_shape, drafted.latent.size, codes))

    try:
        image_shape, gan = _IMAGE, built(_IMAGE)
    except UserError:  # a model of points
        image_shape, gan = _POINT, built(_POINT)
    generator, discriminator = (
        sum(math.prod(variable.shape) for network in networks for variable in network.trainable_variables)
        for networks in ((gan.generator,), gan.judges))
    return image_shape, generator, discriminator


def main() -> None:
    for page in PAGES:
        page.write_text(render(page.read_text()))


if __name__ == "__main__":
    main()
