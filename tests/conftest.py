"""What every test shares: a quiet TensorFlow, the float32 policy, and hypothesis without a stopwatch."""

import os
import sys

import pytest
from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before any test imports TensorFlow

settings.register_profile("gan_zoo", deadline=None)  # the machine may be busy
settings.load_profile("gan_zoo")


@pytest.fixture(autouse=True)
def _float32_afterwards():
    """Layers are float32 in every test, whatever the one before has set."""
    yield
    keras = sys.modules.get("keras")
    if keras is not None and hasattr(keras, "config"):
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
