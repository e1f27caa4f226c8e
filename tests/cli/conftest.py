"""Fixtures that run train.py in the test's own folder."""

from functools import partial

import pytest

from tests.cli.process import Server, run_alone


@pytest.fixture
def train_in_a_process(tmp_path):
    """(*flags) → the finished process of its own."""
    return partial(run_alone, tmp_path)


@pytest.fixture(scope="session")
def server():
    """The process that `train` shares."""
    process = Server()
    yield process
    process.close()


@pytest.fixture
def train(server, tmp_path):
    """The same as train_in_a_process, in a process that is shared."""
    return partial(server.run, tmp_path)
