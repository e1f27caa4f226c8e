"""The spec language and the registry: what is understood, what is refused, and that nothing is ever evaluated."""

import ast
import builtins
import functools
import importlib
import math
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_zoo.errors import UserError
from gan_zoo.registry import Call, Registry, names_in, one_call, parse

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: not _is_keyword(name))
ATOMS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
                  st.text(max_size=12), st.binary(max_size=6))
LITERALS = st.recursive(ATOMS, lambda inner: st.one_of(
    st.lists(inner, max_size=3), st.lists(inner, max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=4), inner, max_size=3)), max_leaves=8)


def _calls(arguments):
    return st.builds(Call, NAMES, st.lists(arguments, max_size=3).map(tuple),
                     st.dictionaries(NAMES, arguments, max_size=3))


CALLS = _calls(LITERALS | _calls(LITERALS))
MOST = 9_000  # characters; the language refuses specs above 10,000


def _is_keyword(name: str) -> bool:
    try:
        return not isinstance(ast.parse(name, mode="eval").body, ast.Name)
    except SyntaxError:
        return True


@given(st.lists(CALLS, min_size=1, max_size=3).filter(lambda calls: len(" + ".join(map(str, calls))) < MOST))
def test_round_trip(calls):
    assert parse(" + ".join(map(str, calls))) == calls


@given(CALLS.filter(lambda call: len(str(call)) < MOST))
def test_types_survive_the_round_trip(call):
    """1, 1.0 and True are equal to Python; their texts tell them apart."""
    assert str(one_call(str(call))) == str(call)


@pytest.mark.parametrize(("text", "calls"), [
    ("dcgan", [Call("dcgan")]),
    ("dcgan()", [Call("dcgan")]),
    ("  dcgan ( width = 32 ) ", [Call("dcgan", (), {"width": 32})]),
    ("mlp([None, 200], slope=-.5)", [Call("mlp", ([None, 200],), {"slope": -0.5})]),
    ("mlp(\n  [1, 2],\n  output='tanh',\n)", [Call("mlp", ([1, 2],), {"output": "tanh"})]),
    ("normal(62) + uniform(2, low=0)", [Call("normal", (62,)), Call("uniform", (2,), {"low": 0})]),
    ("a + b(1) + c + a", [Call("a"), Call("b", (1,)), Call("c"), Call("a")]),
    ("adam(1e-3)", [Call("adam", (0.001,))]),
    ("adam(cosine(2e-4, end=0), beta_1=-.5)", [Call("adam", (Call("cosine", (2e-4,), {"end": 0}),), {"beta_1": -0.5})]),
    ("adam(learning_rate = cosine( ))", [Call("adam", (), {"learning_rate": Call("cosine")})]),
])
def test_what_is_understood(text, calls):
    assert parse(text) == calls


def test_a_nested_call_is_written_with_parentheses():
    assert str(Call("adam", (Call("cosine"),), {"b": Call("linear", (1, 0))})) == "adam(cosine(), b=linear(1, 0))"


HOSTILE = [
    '__import__("os").system("touch hacked")', 'dcgan(x=[print(1)])', "dcgan(x=(print(1),))", "dcgan(x={1: print(1)})",
    "dcgan(-print(1))", "dcgan(a.b(1))", "dcgan(a(b(1)))", "dcgan(a(x=b(1)))", "dcgan(a(b))", "dcgan(a([b()]))",
    "dcgan(a(1)(2))", "dcgan(a(*[1]))", "dcgan(a(**{'b': 1}))", "dcgan(a(b=1, b=2))", "dcgan(a(1) + b(2))",
    "dcgan(x={1: exit()})", "dcgan(().__class__)",
    "dcgan.build(1)", "dcgan(1).build", "dcgan(1)(2)", "dcgan[0]", "(lambda: dcgan)()", "lambda: 1", "dcgan(lambda: 1)",
    "dcgan(i for i in [1])", "dcgan([i for i in [1]])", "dcgan({i: i for i in [1]})", "[dcgan for dcgan in [1]]",
    'dcgan(f"{1}")', 'f"{dcgan}"', "dcgan(x := 3)", "dcgan(*[1])", "dcgan(**{'width': 1})", "dcgan(yield)",
    "await dcgan",
    "dcgan(not 1)", "dcgan(~1)", "dcgan(1 + 2)", "dcgan(2 ** 99999)", "dcgan('a' * 10**9)", "dcgan(1 if 1 else 2)",
    "dcgan(1 < 2)", "dcgan(a and b)", "dcgan(width)", "dcgan(float)", "dcgan(nan)", "dcgan(x[0])", "dcgan({[]: 1})",
    "dcgan(width=)", "dcgan(=1)", "dcgan(1=2)", "dcgan(width=1, width=2)", "dcgan(width=1, 2)", "dcgan(", "dcgan)",
    "dcgan,", "dcgan; mlp", "dcgan\nmlp", "dcgan = 1", "import os", "del dcgan", "1", "'dcgan'", "None", "True", "",
    "   ", "()", "+", "dcgan +", "+ dcgan", "-dcgan", "dcgan - mlp", "dcgan * mlp", "dcgan | mlp",
    "dcgan + (mlp + wgan)",
    "dcgan + 1", "dcgan and mlp", "dcgan(1\x00)", "\x00", "\ud800", "dcgan(9" + "9" * 5000 + ")",
]
NESTED = [
    "dcgan(" + "(" * 500 + ")" * 500 + ")", "dcgan(" + "[" * 900 + "]" * 900 + ")", "dcgan(" + "-" * 900 + "x)",
    "dcgan(" + "-" * 4000 + "1)", "dcgan(" + "not " * 900 + "1)", "dcgan(" + "x." * 2000 + "y)", "dcgan" + "(1)" * 900,
    "dcgan(" + "1 + " * 2000 + "1)", "+".join(["dcgan"] * 3000), "dcgan(" + "{1:" * 900 + "1" + "}" * 900 + ")",
    "+" * 9000, "(" * 9000, "dcgan(" + "x" * 10_000 + ")",
]


@pytest.mark.parametrize("text", HOSTILE + NESTED, ids=lambda text: ascii(text[:30]))
def test_refused(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError):
        parse(text)
    assert not list(tmp_path.iterdir())


FRAGMENTS = st.lists(st.sampled_from([
    "dcgan", "__import__('os')", "(", ")", "[", "]", "{", "}", ",", "=", "+", "-", "*", "**", "lambda", ":", ".", "'",
    '"', "1", "1e5", "None", "f''", "b''", "if", "else", "for", "in", "\n", "\t", "#", "\\", "é", "0x", "_", "…"]),
    max_size=25).map("".join)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@given(st.one_of(st.text(max_size=60), FRAGMENTS))
def test_any_text_is_parsed_or_refused_and_never_evaluated(text):
    def forbidden(*args, **kwargs):
        raise AssertionError(f"{text!r} was evaluated")

    guarded = {name: getattr(builtins, name) for name in ("eval", "exec", "open")}
    try:
        for name in guarded:
            setattr(builtins, name, forbidden)
        calls = parse(text)
    except UserError:
        return
    finally:
        for name, function in guarded.items():
            setattr(builtins, name, function)
    assert calls
    assert all(isinstance(call, Call) for call in calls)


@pytest.mark.parametrize(("text", "named"), [("dcgan(width * 2)", "width * 2"), ("dcgan(a(b(1)))", "b(1)"),
                                             ("dcgan([a(1)])", "[a(1)]"), ("dcgan(cosine)", "cosine")])
def test_an_argument_that_is_no_literal_is_named(text, named):
    with pytest.raises(UserError, match=f"{re.escape(repr(named))} is not a literal"):
        parse(text)


def test_one_call():
    assert one_call("normal(3)") == Call("normal", (3,))
    with pytest.raises(UserError, match="not a sum of 2"):
        one_call("normal(3) + uniform(2)")


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
    names = names_in(package, variable)
    assert names == list(getattr(importlib.import_module(package), variable))


def test_names_of_another_registry_are_not_taken(tmp_path, monkeypatch):
    (tmp_path / "a_package").mkdir()
    (tmp_path / "a_package" / "__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "a_package" / "b.py").write_text(
        '"""@toys.register("text")"""\n@toys.register("car")\n@other\ndef f(): ...\n'
        '@toys.register("kite")\nclass C: ...\n@tools.register("saw")\ndef g(): ...\ntoys.register("called")(f)\n')
    monkeypatch.syspath_prepend(tmp_path)
    assert names_in("a_package", "toys") == ["car", "kite"]
    assert names_in("a_package", "tools") == ["saw"]
    assert names_in("no_such_package", "toys") == []


def test_names_need_no_tensorflow():
    code = ("import sys; from gan_zoo.registry import names_in; assert names_in('gan_zoo.models', 'models'); "
            "assert not {'tensorflow', 'keras', 'gan_zoo.models'} & set(sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_describe(toys):
    assert toys.describe() == [("car(wheels, colour='red', speed=1.5)", "A car."), ("kite(colour='blue')", ""),
                               ("train(engine, waggons=1, **cargo)", "A train.")]


@given(st.floats())
def test_infinity_and_nan_cannot_be_written_back(value):
    """Python has no literal for them: `inf` is a name, and is refused as one."""
    text = str(Call("car", (value,)))
    if math.isfinite(value):
        assert one_call(text).args == (value,)
    else:
        with pytest.raises(UserError):
            parse(text)
