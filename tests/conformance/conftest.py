"""A Python process that has TensorFlow, but neither gan_zoo nor Keras's classes for our layers; what is selected."""

import os
import subprocess
import sys

import pytest


def selected(request) -> list[dict]:
    """The parameters of those tests that will use this fixture: with -k a few, for which alone it then works."""
    return [item.callspec.params for item in request.session.items
            if item.path == request.path and request.fixturename in item.fixturenames]


@pytest.fixture(scope="session")
def run_isolated(tmp_path_factory):
    """Runs a program where gan_zoo can't be imported, which reads what is `said`; fails if it does not end with 0."""

    def run(program: str, said: str = "") -> str:
        guard = "import sys\nsys.modules.update(gan_zoo=None, tensorflow_probability=None)\n"
        done = subprocess.run([sys.executable, "-I", "-c", guard + program], input=said, text=True,
                              cwd=tmp_path_factory.mktemp("isolated"), capture_output=True, timeout=200,
                              env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
