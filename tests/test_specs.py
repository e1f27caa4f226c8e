"""The spec language: what is understood, what is refused, and that nothing is ever evaluated."""

import ast
import builtins
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_zoo.errors import UserError
from gan_zoo.registry import Call, one_call, parse

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


@given(st.floats())
def test_infinity_and_nan_cannot_be_written_back(value):
    """Python has no literal for them: `inf` is a name, and is refused as one."""
    text = str(Call("car", (value,)))
    if math.isfinite(value):
        assert one_call(text).args == (value,)
    else:
        with pytest.raises(UserError):
            parse(text)
