"""Named builders, and the small language in which flags call them.

    spec     := call ("+" call)*
    call     := NAME [ "(" arguments ")" ]        dcgan    dcgan(width=32)    normal(100) + uniform(2)

Arguments are Python literals. The text is parsed with `ast` and never evaluated.
"""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from typing import NamedTuple

from gan_zoo.errors import UserError, nearest

_LONGEST_SPEC = 10_000  # characters; keeps a hostile text from exhausting the parser's stack


class Call(NamedTuple):
    """One call of a registered name with literal arguments."""

    name: str
    args: tuple = ()
    kwargs: dict = {}

    def __str__(self) -> str:
        arguments = [repr(value) for value in self.args]
        arguments += [f"{key}={value!r}" for key, value in self.kwargs.items()]
        return f"{self.name}({', '.join(arguments)})" if arguments else self.name


def parse(text: str) -> list[Call]:
    """Parses a spec into its calls; raises UserError if it is not a sum of literal calls."""
    if len(text) > _LONGEST_SPEC:
        raise UserError(f"a spec has at most {_LONGEST_SPEC} characters, this one has {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UserError(f"{text!r} is not of the form name or name(argument=literal, …)") from None
    return [_call(term, text) for term in _terms(tree)]


def _terms(node: ast.expr) -> list[ast.expr]:
    terms = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        terms.append(node.right)
        node = node.left
    return [node, *reversed(terms)]


def _call(node: ast.expr, text: str) -> Call:
    if isinstance(node, ast.Name):
        return Call(node.id)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise UserError(f"{text!r} is not of the form name or name(argument=literal, …)")
    if any(keyword.arg is None for keyword in node.keywords):
        raise UserError(f"{text!r}: ** is not allowed in a spec")
    keys = [keyword.arg for keyword in node.keywords]
    if len(set(keys)) < len(keys):
        raise UserError(f"{text!r}: an argument is given twice")
    args = tuple(_literal(argument, text) for argument in node.args)
    return Call(node.func.id, args, {k.arg: _literal(k.value, text) for k in node.keywords})


def _literal(node: ast.expr, text: str):
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        written = ast.get_source_segment(text.strip(), node)
        raise UserError(f"{text!r}: {written!r} is not a literal (number, 'text', True, [list], …)") from None


class Registry:
    """Builders by name.

    `context` names the parameters that the program fills in (an image shape, say); a builder takes those
    that it needs. Its other parameters are the hyperparameters that a spec may set, by position or name.
    """

    def __init__(self, kind: str, context: Iterable[str] = ()):
        self.kind = kind
        self.context = frozenset(context)
        self._builders: dict[str, Callable] = {}

    def register(self, name: str):
        """Decorator: makes the function or class available under `name`."""

        def decorate(builder):
            if name in self._builders:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._builders[name] = builder
            return builder

        return decorate

    def __iter__(self):
        return iter(sorted(self._builders))

    def __getitem__(self, name: str) -> Callable:
        if not isinstance(name, str) or name not in self._builders:
            raise UserError(f"unknown {self.kind} {name!r}: {nearest(name, self._builders)}")
        return self._builders[name]

    def hyperparameters(self, name: str) -> dict[str, inspect.Parameter]:
        """The parameters of a builder that a spec may set; `**` among them, by its name, takes all others."""
        parameters = inspect.signature(self[name]).parameters
        return {key: p for key, p in parameters.items() if key not in self.context}

    def bind(self, call: Call) -> dict:
        """The hyperparameters of `call` by name; raises UserError for an unknown, double or missing one."""
        parameters = self.hyperparameters(call.name)
        known = {key: p for key, p in parameters.items() if p.kind is not p.VAR_KEYWORD}
        takes_others = len(known) < len(parameters)
        for key in call.kwargs:
            if key not in known and not takes_others:
                raise UserError(f"{call.name} has no argument {key!r}: {nearest(key, known)}")
        if len(call.args) > len(known):
            raise UserError(f"{call.name} takes at most {len(known)} arguments, got {len(call.args)}")
        values = dict(zip(known, call.args, strict=False))
        for key in set(values) & set(call.kwargs):
            raise UserError(f"{call.name}: argument {key!r} is given twice")
        values |= call.kwargs
        for key, parameter in known.items():
            if parameter.default is parameter.empty and key not in values:
                raise UserError(f"{call.name} needs its argument {key!r}, as in {call.name}({key}=…)")
        return values

    def build(self, call: Call, **context):
        """Calls the builder with the spec's hyperparameters and with what it takes of `context`."""
        builder = self[call.name]
        wanted = set(inspect.signature(builder).parameters) & self.context & set(context)
        return builder(**{key: context[key] for key in wanted}, **self.bind(call))

    def describe(self) -> list[tuple[str, str]]:
        """(call with its defaults, first line of the docstring) for every name."""
        rows = []
        for name in self:
            shown = [f"{'**' if p.kind is p.VAR_KEYWORD else ''}{key}" if p.default is p.empty else
                     f"{key}={p.default!r}" for key, p in self.hyperparameters(name).items()]
            summary = (inspect.getdoc(self._builders[name]) or "").split("\n")[0]
            rows.append((f"{name}({', '.join(shown)})", summary))
        return rows


def import_all(package: str) -> None:
    """Imports every module of a package, so that each registers what it holds."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")


def one_call(text: str) -> Call:
    """Parses a spec that may hold one call only."""
    calls = parse(text)
    if len(calls) != 1:
        raise UserError(f"{text!r}: one call is wanted here, not a sum of {len(calls)}")
    return calls[0]
