"""A Python process that has TensorFlow, but neither gan_zoo nor Keras's classes for our layers."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def run_isolated(tmp_path):
    """Runs a program where gan_zoo can't be imported; fails with its output if it does not end with 0."""

    def run(program: str) -> str:
        guard = "import sys\nsys.modules.update(gan_zoo=None, tensorflow_probability=None)\n"
        done = subprocess.run([sys.executable, "-I", "-c", guard + program], cwd=tmp_path, text=True,
                              capture_output=True, timeout=200, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
