"""What every test shares: a quiet TensorFlow, the float32 policy, a cache, Ctrl-C, hypothesis without a stopwatch."""

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings

import gan_zoo  # noqa: F401  before any test imports TensorFlow, which then computes by oneDNN as in the shell's commands

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before that, too

# What is kept for the user is out of bounds for tests (_own_cache); matplotlib's list of fonts, slow to make, is not.
_USERS_CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
os.environ.setdefault("MPLCONFIGDIR", os.path.join(_USERS_CACHE, "matplotlib"))

gc.set_threshold(20_000, 20, 20)  # graphs are many small objects, and few of them are garbage

signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background may be told to ignore it

settings.register_profile("gan_zoo", deadline=None)  # the machine may be busy
settings.load_profile("gan_zoo")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """A cache that all processes of a session share, and nobody else: what one has trained serves the others."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield


@pytest.fixture(autouse=True)
def _float32_afterwards():
    """Layers are float32 in every test, whatever the one before has set."""
    yield
    keras = sys.modules.get("keras")
    if keras is not None and hasattr(keras, "config"):
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
