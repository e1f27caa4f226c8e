"""Named builders, and the small language in which flags call them.

    spec     := call ("+" call)*
    call     := NAME [ "(" arguments ")" ]        dcgan    dcgan(width=32)    normal(100) + uniform(2)

Arguments are Python literals, or calls of literals: adam(learning_rate=cosine(2e-4, 5e-5)). The text is parsed with
`ast` and never evaluated.
"""

import ast
import functools
import importlib
import importlib.util
import inspect
import pkgutil
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from gan_zoo.errors import UserError, check_range, nearest, written

_LONGEST_SPEC = 10_000  # characters; keeps a hostile text from exhausting the parser's stack
_LARGEST_INTEGER = 2**63 - 1


class Call(NamedTuple):
    """One call of a registered name; its arguments are literals, or calls with literal arguments."""

    name: str
    args: tuple = ()
    kwargs: dict = {}

    def __str__(self) -> str:
        return self._written() if self.args or self.kwargs else self.name

    def _written(self) -> str:
        """With parentheses even if they are empty: an argument that is a bare name is no call."""
        arguments = [_argument_text(value) for value in self.args]
        arguments += [f"{key}={_argument_text(value)}" for key, value in self.kwargs.items()]
        return f"{self.name}({', '.join(arguments)})"


def _argument_text(value) -> str:
    return value._written() if isinstance(value, Call) else repr(value)


def parse(text: str) -> list[Call]:
    """Parses a spec into its calls; raises UserError if it is not a sum of literal calls."""
    return list(_parsed(text))


@functools.lru_cache  # a name is looked at before TensorFlow is imported, and what it calls is built after that
def _parsed(text: str) -> tuple[Call, ...]:
    if len(text) > _LONGEST_SPEC:
        raise UserError(f"a spec has at most {_LONGEST_SPEC} characters, this one has {len(text)}")
    try:
        with warnings.catch_warnings(action="ignore"):  # an escape that Python doesn't know, say
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UserError(f"{text!r} is not of the form name or name(argument=literal, …)") from None
    return tuple(_call(term, text, _argument) for term in _terms(tree))


def _terms(node: ast.expr) -> list[ast.expr]:
    terms = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        terms.append(node.right)
        node = node.left
    return [node, *reversed(terms)]


def _call(node: ast.expr, text: str, read: Callable) -> Call:
    """read: (node, text) → the value of an argument."""
    if isinstance(node, ast.Name):
        return Call(node.id)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise UserError(f"{text!r} is not of the form name or name(argument=literal, …)")
    if any(keyword.arg is None for keyword in node.keywords):
        raise UserError(f"{text!r}: ** is not allowed in a spec")
    keys = [keyword.arg for keyword in node.keywords]
    if len(set(keys)) < len(keys):
        raise UserError(f"{text!r}: an argument is given twice")
    args = tuple(read(argument, text) for argument in node.args)
    return Call(node.func.id, args, {str(k.arg): read(k.value, text) for k in node.keywords})


def _argument(node: ast.expr, text: str):
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return _call(node, text, _literal) if is_call else _literal(node, text)


def _literal(node: ast.expr, text: str):
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        source = ast.get_source_segment(text.strip(), node)
        raise UserError(f"{text!r}: {source!r} is not a literal (number, 'text', True, [list], …)") from None


def check_literals(call: Call) -> None:
    """Raises UserError if an argument holds a number that TensorFlow can't, or a kind that no builder takes, as a set.
    """
    for name, value in [*((None, value) for value in call.args), *call.kwargs.items()]:
        _check_literal(value, f"{call.name}: {name or 'an argument'}")


def _check_literal(value, name: str) -> None:
    if isinstance(value, Call):
        check_literals(value)
    elif isinstance(value, (list, tuple, dict)):
        for each in [*value, *(value.values() if isinstance(value, dict) else ())]:
            _check_literal(each, name)
    elif isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        raise UserError(f"{name} must be at most {_LARGEST_INTEGER} in magnitude, got {written(value)}")
    elif isinstance(value, (complex, bytes, set, type(...))):  # literals, but of no builder; others may be built
        raise UserError(f"{name} can't be {written(value)}: write a number, a 'text', True, False, None or a [list]")
    else:
        check_range(name, value)


class Registry:
    """Builders by name.

    `context` names the parameters that the program fills in (an image shape, say); a builder takes those
    that it needs. Its other parameters are the hyperparameters that a spec may set, by position or name.
    `nested` builds those that are calls themselves; without it they are refused.
    """

    def __init__(self, kind: str, context: Iterable[str] = (), nested: "Registry | None" = None):
        self.kind = kind
        self.context = frozenset(context)
        self.nested = nested
        self._builders: dict[str, Callable] = {}

    def register(self, name: str):
        """Decorator: makes the function or class available under `name`.

        The same definition may come again, as when a notebook's cell is run twice; ValueError for another one.
        """

        def decorate(builder):
            if name in self._builders and _definition(self._builders[name]) != _definition(builder):
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

    def takes(self, name: str, parameter: str) -> bool:
        """Whether a builder wants this of the context."""
        return parameter in self.context and parameter in inspect.signature(self[name]).parameters

    def bind(self, call: Call) -> dict:
        """The hyperparameters of `call` by name, those that are calls built; UserError for what can't be bound."""
        return {key: self._built(key, value) if isinstance(value, Call) else value
                for key, value in self._by_name(call).items()}

    def meaning(self, call: Call) -> tuple[str, dict]:
        """The name of `call` and all its arguments by name, defaults too: equal for two ways of writing one thing."""
        values = {key: p.default for key, p in self.hyperparameters(call.name).items() if p.default is not p.empty}
        for key, value in self._by_name(call).items():
            values[key] = self.nested.meaning(value) if self.nested and isinstance(value, Call) else value
        return call.name, values

    def _by_name(self, call: Call) -> dict:
        check_literals(call)
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

    def _built(self, key: str, call: Call):
        if self.nested is None:
            raise UserError(f"{key} can't be a call here: write a number")
        try:
            return self.nested.build(call)
        except UserError as error:
            raise UserError(f"{key}: {error}") from None

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


def _definition(builder) -> tuple:
    """What tells whether two builders come from the same lines: module and name."""
    return getattr(builder, "__module__", None), getattr(builder, "__qualname__", builder)


def import_all(package: str) -> None:
    """Imports every module of a package, so that each registers what it holds."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")


@functools.cache  # one process may check many specs
def summaries_in(package: str, registry: str) -> Mapping[str, str]:
    """What the modules of a package register with `@registry.register("name")`: name → first line about it, sorted.

    Read from their source, so that names are known without importing TensorFlow. package: "gan_zoo.models", say;
    registry: the name of the variable, "models".
    """
    spec = importlib.util.find_spec(package)
    folders = (spec and spec.submodule_search_locations) or ()
    files = [file for folder in folders for file in sorted(Path(folder).glob("*.py"))]
    texts = [text for file in files if f"{registry}.register(" in (text := file.read_text(encoding="utf-8"))]
    nodes = [node for text in texts for node in ast.parse(text).body
             if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    found = {name: (ast.get_docstring(node) or "").split("\n")[0] for node in nodes
             for name in _registered(node, f"{registry}.register")}
    return dict(sorted(found.items()))


def _registered(node: ast.FunctionDef | ast.ClassDef, decorator: str) -> list[str]:
    """The names in the decorators of a function or class."""
    calls = [call for call in node.decorator_list if isinstance(call, ast.Call)]
    return [call.args[0].value for call in calls if ast.unparse(call.func) == decorator and call.args
            and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)]


def one_call(text: str) -> Call:
    """Parses a spec that may hold one call only."""
    calls = parse(text)
    if len(calls) != 1:
        raise UserError(f"{text!r}: one call is wanted here, not a sum of {len(calls)}")
    return calls[0]
