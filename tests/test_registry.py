"""The registry: what is built, what is refused, and how names are found without an import."""

import functools
import importlib
import re
import subprocess
import sys

import pytest

from gan_zoo.errors import UserError
from gan_zoo.registry import Registry, one_call, summaries_in


@pytest.fixture
def toys() -> Registry:
    registry = Registry("toy", context=["shape"])

    @registry.register("car")
    def car(shape, wheels, colour="red", *, speed=1.5):
        """A car.

        With more to say.
        """
        return shape, wheels, colour, speed

    @registry.register("kite")
    class Kite:
        def __init__(self, colour="blue"):
            self.colour = colour

    @registry.register("train")
    def train(engine, shape, waggons=1, **cargo):
        """A train."""
        return engine, shape, waggons, cargo

    return registry


def test_build(toys):
    assert toys.build(one_call("car(4)"), shape="s") == ("s", 4, "red", 1.5)
    assert toys.build(one_call("car(4, 'blue', speed=2)"), shape="s") == ("s", 4, "blue", 2)
    assert toys.build(one_call("car(wheels=3)"), shape="s") == ("s", 3, "red", 1.5)
    assert toys.build(one_call("kite"), shape="s").colour == "blue"  # it doesn't take the context, and needn't


@pytest.mark.parametrize(("text", "built"), [
    ("train('steam')", ("steam", "s", 1, {})),
    ("train('steam', coal=3, milk=[1, 2])", ("steam", "s", 1, {"coal": 3, "milk": [1, 2]})),
    ("train(coal=3, waggons=2, engine='steam')", ("steam", "s", 2, {"coal": 3})),
    ("train('steam', 2, cargo=4)", ("steam", "s", 2, {"cargo": 4})),
])
def test_a_builder_may_take_any_other_argument(toys, text, built):
    assert toys.build(one_call(text), shape="s") == built


def test_bind_passes_unknown_names_on(toys):
    assert toys.bind(one_call("train('steam', coal=3)")) == {"engine": "steam", "coal": 3}


@pytest.mark.parametrize(("text", "message"), [
    ("cart(4)", "unknown toy 'cart': did you mean 'car'?"),
    ("zzz", "unknown toy 'zzz': choices: car, kite, train"),
    ("car(4, color='x')", "car has no argument 'color': did you mean 'colour'?"),
    ("car(4, shape=1)", "car has no argument 'shape'"),
    ("car(4, 'red', 1, 2)", "car takes at most 3 arguments, got 4"),
    ("car(4, wheels=4)", "car: argument 'wheels' is given twice"),
    ("car", r"car needs its argument 'wheels', as in car\(wheels=…\)"),
    ("kite(None, 1)", "kite takes at most 1 arguments, got 2"),
    ("train('steam', 2, 3)", "train takes at most 2 arguments, got 3"),
    ("train('steam', engine='diesel')", "train: argument 'engine' is given twice"),
    ("train(coal=3)", r"train needs its argument 'engine', as in train\(engine=…\)"),
])
def test_bad_calls(toys, text, message):
    with pytest.raises(UserError, match=message):
        toys.build(one_call(text), shape="s")


@pytest.mark.parametrize("text", ['car(__import__("os"))', 'car(open("hacked", "w"))', 'car(4, speed=eval("1"))',
                                  "train('steam', coal=print(1))", "kite(colour=linear(1, 0))"])
def test_nested_calls_are_refused_unless_a_registry_builds_them(toys, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"^(wheels|speed|coal|colour) can't be a call here: write a number$"):
        toys.build(one_call(text), shape="s")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def engines(toys) -> Registry:
    """Its builders take toys."""
    registry = Registry("engine", nested=toys)
    registry.register("pull")(lambda first, *, speed=1, **others: (first, speed, others))
    return registry


def test_nested_calls_are_built(toys, engines):
    kite = toys["kite"]
    first, speed, others = engines.build(one_call("pull(kite('red'), speed=kite(), last=kite(colour=None), n=[3])"))
    assert [type(toy) for toy in (first, speed, others["last"])] == [kite] * 3
    assert [toy.colour for toy in (first, speed, others["last"])] == ["red", "blue", None]
    assert others["n"] == [3]
    assert engines.bind(one_call("pull(1, speed=2)")) == {"first": 1, "speed": 2}


@pytest.mark.parametrize(("text", "message"), [
    ("pull(kit())", "first: unknown toy 'kit': did you mean 'kite'?"),
    ("pull(1, speed=kite(1, 2))", "speed: kite takes at most 1 arguments, got 2"),
    ("pull(kite(), first=2)", "pull: argument 'first' is given twice"),
])
def test_a_bad_nested_call_is_named(engines, text, message):
    with pytest.raises(UserError, match=f"^{re.escape(message)}"):
        engines.build(one_call(text))


def test_what_a_builder_takes_of_the_context(toys):
    assert toys.takes("car", "shape")
    assert not toys.takes("kite", "shape")
    assert not toys.takes("car", "wheels"), "which a spec gives"


def test_a_name_is_registered_once(toys):
    with pytest.raises(ValueError, match="toy 'car' is registered twice"):
        toys.register("car")(print)
    with pytest.raises(ValueError, match="toy 'kite' is registered twice"):
        toys.register("kite")(functools.partial(print, 1))
    assert list(toys) == ["car", "kite", "train"]


def test_a_definition_that_is_run_again_takes_the_place_of_the_first():
    """As a notebook's cell does."""
    registry = Registry("toy")

    def cell(colour):
        @registry.register("ball")
        def ball():
            return colour

    cell("red")
    cell("green")
    assert registry.build(one_call("ball")) == "green"


@pytest.mark.parametrize(("package", "variable"), [("gan_zoo.models", "models"), ("gan_zoo.objectives", "objectives"),
                                                   ("gan_zoo.metrics", "metrics"), ("gan_zoo.data", "datasets")])
def test_names_are_found_without_an_import(package, variable):
    registry = getattr(importlib.import_module(package), variable)
    found = summaries_in(package, variable)
    assert list(found) == list(registry)
    assert list(found.values()) == [summary for _, summary in registry.describe()]


def test_names_of_another_registry_are_not_taken(tmp_path, monkeypatch):
    (tmp_path / "a_package").mkdir()
    (tmp_path / "a_package" / "__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "a_package" / "b.py").write_text(
        '"""@toys.register("text")"""\n@toys.register("car")\n@other\ndef f():\n    """A car.\n\n    Red."""\n'
        '@toys.register("kite")\nclass C: ...\n@tools.register("saw")\ndef g(): ...\ntoys.register("called")(f)\n')
    monkeypatch.syspath_prepend(tmp_path)
    assert summaries_in("a_package", "toys") == {"car": "A car.", "kite": ""}
    assert summaries_in("a_package", "tools") == {"saw": ""}
    assert summaries_in("no_such_package", "toys") == {}


def test_names_need_no_tensorflow():
    code = ("import sys; from gan_zoo.registry import summaries_in; assert summaries_in('gan_zoo.models', 'models'); "
            "assert not {'tensorflow', 'keras', 'gan_zoo.models'} & set(sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_describe(toys):
    assert toys.describe() == [("car(wheels, colour='red', speed=1.5)", "A car."), ("kite(colour='blue')", ""),
                               ("train(engine, waggons=1, **cargo)", "A train.")]
