"""tf.functions whose arguments are named by data: a SavedModel's signature has no **kwargs."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf


def with_arguments(function: Callable, specs: Mapping[str, tf.TensorSpec],
                   defaults: Mapping[str, Any] | None = None) -> Callable:
    """The tf.function that calls function(**arguments) with arguments of these names, by position or name."""
    kind, defaults = inspect.Parameter.POSITIONAL_OR_KEYWORD, defaults or {}
    signature = inspect.Signature([
        inspect.Parameter(name, kind, default=defaults.get(name, inspect.Parameter.empty)) for name in specs])

    def bound(*args, **kwargs):
        return function(**signature.bind(*args, **kwargs).arguments)

    bound.__signature__ = signature  # type: ignore[attr-defined]  # what TensorFlow reads the names from
    return tf.function(bound, input_signature=list(specs.values()), autograph=False)
