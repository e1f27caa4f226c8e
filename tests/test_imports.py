"""The law of imports: they point one way, only entry points read flags, and nothing branches on a registered name.

It is enforced on the syntax tree, so that an import inside a function, or one for a type checker, counts too.
"""

import ast
from pathlib import Path

import pytest

from gan_zoo import augmentation, data, latents, metrics, models, objectives, schedules
from gan_zoo.training.averaging import averages
from gan_zoo.training.players import optimizers

ROOT = Path(__file__).parents[1]

# What may be imported by what stands in a later row. A new top-level module must be given its place here.
LAYERS = (
    {"errors", "registry", "randomness", "replicas", "schedules", "labels", "game", "play", "declaring", "experiment",
     "pixels", "files", "quiet", "recipes", "pages", "processor"},
    {"layers", "latents", "data", "augmentation"},
    {"features"},
    {"models", "objectives", "metrics"},
    {"drawing", "export"},
    {"evaluation", "judging"},
    {"training"},
    {"comparison"},
    {"run", "commands", "results", "shipping", "report"},  # a command is a thin run, and keywords are read as flags are
    {"train", "reproduce", "sample", "evaluate", "compare", "doctor", "experiments", "__main__"},
)
AMONG_THEMSELVES = (0, 8)  # the rows whose modules may import each other
READ_FLAGS = {"commands", "experiments"}  # entry points, each


def _row(part: str) -> int:
    return next((row for row, parts in enumerate(LAYERS) if part in parts), -1)


def _part(module: str) -> str | None:
    """The top-level part of a module's dotted name: "models" for gan_zoo.models.mlp; None for gan_zoo itself."""
    names = module.split(".")
    return names[0] if names[0] != "gan_zoo" else (names[1] if len(names) > 1 else None)


def _imported(module: str, source: str) -> list[str]:
    """The dotted names that a file imports; `from a import b` gives a.b.

    The package itself imports what it offers when it is asked for; it may tell a type checker where that is.
    """
    tree, names = ast.parse(source), []
    if module == "gan_zoo":
        tree.body = [node for node in tree.body
                     if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return names


def violations(module: str, source: str) -> list[str]:
    """What breaks the law in the source of `module` (a dotted name)."""
    part, found = _part(module), []
    row = _row(part) if part else -1
    if part and row < 0:
        return [f"{module}: {part} has no place in LAYERS"]
    for name in _imported(module, source):
        if name.startswith("."):
            found.append(f"{module} has the relative import {name}")
        elif name.split(".")[:2] in (["absl", "flags"], ["absl", "app"]) and part not in READ_FLAGS:
            found.append(f"{module} is no entry point and imports {name}")
        elif name.split(".")[0] in ("gan_zoo", "train"):
            other = _part(name)
            allowed = part and (other == part or _row(other) < row
                                or (_row(other) == row and row in AMONG_THEMSELVES))
            if not allowed or _row(other) < 0:
                found.append(f"{module} imports {name}")
    return found


def sources() -> dict[str, str]:
    """The files of the package and train.py, by dotted name."""
    files = [ROOT / "train.py", *sorted((ROOT / "gan_zoo").rglob("*.py"))]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return {name: file.read_text() for name, file in zip(names, files, strict=True)}


SOURCES = sources()


def test_imports_point_one_way():
    assert [found for module, source in SOURCES.items() for found in violations(module, source)] == []


@pytest.mark.parametrize(("module", "line"), [
    ("gan_zoo.models.new", "from gan_zoo.objectives import objectives"),
    ("gan_zoo.models.new", "from gan_zoo import objectives"),
    ("gan_zoo.models.new", "import gan_zoo.objectives.base as base"),
    ("gan_zoo.objectives.new", "def f():\n    from gan_zoo.models import models"),
    ("gan_zoo.objectives.new", "if TYPE_CHECKING:\n    from gan_zoo.models import models"),
    ("gan_zoo.metrics.new", "from gan_zoo.models import models"),
    ("gan_zoo.layers.new", "from gan_zoo.latents import build"),
    ("gan_zoo.data.new", "from gan_zoo.layers import Maxout"),
    ("gan_zoo.registry", "from gan_zoo.layers import Maxout"),
    ("gan_zoo.export.new", "from gan_zoo.training.loop import train"),
    ("gan_zoo.export.new", "from gan_zoo.drawing import images"),
    ("gan_zoo.drawing.new", "from gan_zoo.evaluation import measuring"),
    ("gan_zoo.training.new", "from gan_zoo.commands.flags import parse"),
    ("gan_zoo.training.new", "def f():\n    from gan_zoo import run"),
    ("gan_zoo.game", "if TYPE_CHECKING:\n    from gan_zoo.augmentation import Sight"),
    ("gan_zoo.training.new", "import train"),
    ("gan_zoo.training.new", "from absl import flags"),
    ("gan_zoo.data.new", "import absl.flags"),
    ("gan_zoo.data.new", "from absl.flags import FLAGS"),
    ("gan_zoo.training.new", "from absl import app"),
    ("gan_zoo.models.new", "from .base import models"),
    ("gan_zoo.models.new", "from gan_zoo import elsewhere"),
    ("gan_zoo.elsewhere", ""),
    ("gan_zoo", "from gan_zoo.models import models"),
])
def test_the_checker_sees_a_violation(module, line):
    assert len(violations(module, f"import os\n{line}\n")) == 1


@pytest.mark.parametrize(("module", "line"), [
    ("gan_zoo.models.new", "from gan_zoo.models.base import models\nfrom gan_zoo.layers import Dropout"),
    ("gan_zoo.registry", "from gan_zoo.errors import UserError"),
    ("gan_zoo.data.new", "from absl import logging\nfrom gan_zoo.data import pictures"),
    ("gan_zoo.commands.new", "from absl import flags\nfrom gan_zoo import run\nfrom gan_zoo.export import sampling"),
    ("gan_zoo.run", "def f():\n    from gan_zoo.training import loop"),
    ("gan_zoo", "if TYPE_CHECKING:\n    from gan_zoo.models import models"),
    ("train", "from gan_zoo.commands import startup\nfrom gan_zoo.training import loop"),
])
def test_the_checker_accepts_what_is_lawful(module, line):
    assert violations(module, line) == []


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """A cycle of the graph, or []."""
    done: set[str] = set()

    def visit(node, path):
        if node in path:
            return [*path[path.index(node):], node]
        if node in done:
            return []
        for following in sorted(graph[node]):
            if found := visit(following, [*path, node]):
                return found
        done.add(node)
        return []

    return next((found for node in graph if (found := visit(node, []))), [])


def _graph(files: dict[str, str]) -> dict[str, set[str]]:
    """Module → the modules that it imports; `from a import b` is a.b if that is a module, and else a."""
    graph = {}
    for module, source in files.items():
        names = {name if name in files else name.rpartition(".")[0] for name in _imported(module, source)}
        graph[module] = names & set(files)
    return graph


def test_no_cycles():
    assert _cycle(_graph(SOURCES)) == []


def test_the_checker_sees_a_cycle():
    files = {"gan_zoo.a": "from gan_zoo import b", "gan_zoo.b": "from gan_zoo.c import x",
             "gan_zoo.c": "import gan_zoo.a"}
    assert _cycle(_graph(files)) == ["gan_zoo.a", "gan_zoo.b", "gan_zoo.c", "gan_zoo.a"]


REGISTRIES = (models.models, objectives.objectives, latents.latents, data.datasets, metrics.metrics,
              augmentation.augmentations, schedules.schedules, averages, optimizers)
OWNERS = {name: registry[name].__module__ for registry in REGISTRIES for name in registry}


def _compared(node: ast.AST) -> list:
    """The literals in a comparison; a key that a value is looked up by is none of them."""
    if isinstance(node, ast.Constant):
        return [node.value]
    children = [node.value] if isinstance(node, ast.Subscript) else ast.iter_child_nodes(node)
    return [value for child in children for value in _compared(child)]


def dispatches(module: str, source: str) -> list[str]:
    """The comparisons and match cases in `module` that mention a name which another module registers."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Compare, ast.MatchValue))]
    return [f"{module}: {ast.unparse(node)}" for node in nodes
            if any(isinstance(value, str) and OWNERS.get(value, module) != module for value in _compared(node))]


def test_no_branch_on_a_registered_name():
    assert [found for module, source in SOURCES.items() for found in dispatches(module, source)] == []


@pytest.mark.parametrize("source", [
    'if model == "dcgan": pass', 'x = name in ("mlp", "other")', 'x = call.name == "flip"', 'x = "adam" == spec',
    'match name:\n    case "minimax": pass'])
def test_the_checker_sees_a_branch(source):
    assert len(dispatches("gan_zoo.training.new", source)) == 1


@pytest.mark.parametrize(("module", "source"), [
    ("gan_zoo.models.mlp", 'if model == "mlp": pass'), ("gan_zoo.commands.new", 'x = given["codes"] is None')])
def test_a_builder_may_know_its_own_name_and_anyone_may_look_something_up(module, source):
    assert dispatches(module, source) == []
