"""Two processes that train one run: one is killed, both start again, and the run is what one process makes of it."""

import contextlib
import json
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import RunStopped
from gan_zoo.evaluation.candidates import experiment_of_run
from gan_zoo.export.model import Model
from gan_zoo.training import following, loop, machine
from gan_zoo.training.checkpoints import Checkpoints
from gan_zoo.training.workers import Action, Order, Workers
from tests.cli.process import command, environment

TOTAL, EVERY = 16, 4
TOLERANCE = 1e-9  # of what is the largest in a tensor


def _flags(run_dir: Path) -> list[str]:
    """Dropout, momenta, an average and checks, in double precision."""
    flags = {"model": "mlp(generator=[None, 16, None], discriminator=[None, 16, 1], dropout=0.3)", "dataset": "digits",
             "image_size": 8, "latent": "normal(8)", "batch_size": 32, "sample_count": 4, "steps": TOTAL,
             "checkpoint_every_steps": EVERY, "evaluate_every_steps": 8, "sample_every_steps": TOTAL,
             "rounds_per_call": 1, "generator_average": 0.9, "precision": "float64", "worker_timeout_s": 100,
             "run_dir": run_dir}
    return [f"--{flag}={value}" for flag, value in flags.items()]


class Group:
    """Two processes with train.py's flags."""

    def __init__(self, folder: Path):
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
        for each in sockets:
            each.close()
        self.processes = [self._start(rank, folder) for rank in range(2)]

    def _start(self, rank: int, folder: Path) -> subprocess.Popen:
        config = {"cluster": {"worker": self.addresses}, "task": {"type": "worker", "index": rank}}
        flags = [*_flags(folder / ("run" if rank == 0 else "nothing")), "--strategy=multi_worker"]
        return subprocess.Popen(command(*flags), cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=environment() | {"TF_CONFIG": json.dumps(config)})

    def ends(self) -> list[tuple[int, str, str]]:
        """Of each its exit code, what it said, and its errors."""
        said = [process.communicate(timeout=200) for process in self.processes]
        return [(process.returncode, *each) for process, each in zip(self.processes, said, strict=True)]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The ends of a group one of which was killed, how long the other lived, run.json then, and the next group's."""
    folder = tmp_path_factory.mktemp("workers")
    killed = Group(folder)
    kept = folder / "run" / "checkpoints" / f"step_{2 * EVERY:08d}"
    deadline = time.monotonic() + 200
    while not kept.is_dir():
        assert killed.processes[0].poll() is None, killed.ends()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    killed.processes[1].send_signal(signal.SIGKILL)
    began = time.monotonic()
    ends = killed.ends()
    seconds, record = time.monotonic() - began, json.loads((folder / "run" / "run.json").read_text())
    again = Group(folder).ends()
    return SimpleNamespace(folder=folder, killed=killed, ends=ends, seconds=seconds, record=record, again=again)


def test_the_others_of_a_killed_worker_end_with_one_line(story):
    code, _, error = story.ends[0]
    assert code == 75
    assert story.seconds < 30
    line = f"worker 1 ({story.killed.addresses[1]}) is lost"
    assert error.startswith(f"stopped: {line}")
    assert error.count("\n") == 1
    assert story.record["status"] == "stopped"
    assert story.record["reason"].startswith(line)
    assert story.record["step"] < TOTAL


def test_all_go_on_by_the_same_command_and_only_the_chief_writes(story):
    (chief, said, errors), (other, little, none) = story.again
    assert (chief, other, errors, none) == (0, 0, "", "")
    assert "resumed at step" in said
    assert "CPU, 2 replicas on 2 workers" in said
    assert len(little.splitlines()) == 3
    assert little.endswith(f"done at step {TOTAL}\n")
    assert not (story.folder / "nothing").exists()
    record = json.loads((story.folder / "run" / "run.json").read_text())
    assert (record["status"], record["step"]) == ("complete", TOTAL)
    assert record["evaluation"]["checks"] == 2


def test_the_run_is_that_of_one_process(story, tmp_path):
    """Its weights, optimizers, average, history and checks; and the export, which is read where no other worker is."""
    experiment = experiment_of_run(str(story.folder / "run"), "run_dir")
    with machine.precision(experiment.precision):
        changed = {"strategy": "one_device", "run_dir": str(tmp_path / "one"), "steps": TOTAL}
        ended = loop.train(type(experiment)(**experiment.values() | changed), tf.distribute.get_strategy())
        one = [np.array(variable) for variable in ended.trainer.variables()]
        read = Checkpoints(story.folder / "run" / "checkpoints").read_newest(ended.trainer.checkpoint)
        pairs = list(zip(one, (np.array(variable) for variable in ended.trainer.variables()), strict=True))
    assert read.step == TOTAL
    assert len(pairs) > 20
    worst = max(np.abs(a - b).max(initial=0) / max(np.abs(a).max(initial=0), 1e-12)
                for a, b in pairs if a.dtype.kind == "f")
    assert worst <= TOLERANCE
    for name, series in ended.history.arrays().items():
        if name != "seconds":
            np.testing.assert_allclose(read.history[name], series, rtol=1e-5, atol=1e-6, err_msg=name)
    exported = [Model.read(str(folder / "export"), "run_dir") for folder in (story.folder / "run", tmp_path / "one")]
    two, single = (model.decode(model.draw(4, 0)).astype(int) for model in exported)
    assert np.abs(two - single).max() <= 1


class _Told:
    """In place of Workers: orders and wishes, as a chief might have given them."""

    count, name = 2, "worker 1 (b:2)"

    def __init__(self, *told):
        self._told, self.shared = list(told), 0

    def hear(self, _):
        return self._told.pop(0)

    def share(self, _):
        self.shared += 1
        return 3

    together = watched = staticmethod(contextlib.nullcontext)


class _Played:
    """In place of a Trainer: notes what it plays."""

    def __init__(self, calls: list):
        self.calls = calls

    def slow_down(self, factor):
        self.calls.append(("factor", factor))

    def play(self, step, rounds):
        self.calls.append((step, rounds))


PLAY = Order(Action.PLAY, 5)


def test_a_worker_plays_what_it_is_told_and_nothing_that_a_wish_to_stop_came_with():
    calls: list = []
    told = _Told((PLAY, None), (Order(Action.PLAY, 2, 0.5), None), (PLAY, signal.SIGTERM),
                 (Order(Action.REBUILD), None), (PLAY, None), (Order(Action.END, code=128 + 15), signal.SIGTERM))
    followed = following.follow(told, lambda: _Played(calls))
    assert [call for call in calls if call[0] != "factor"] == [(3, 5), (8, 2), (3, 5)]
    assert ("factor", 0.5) in calls
    assert (followed.step, followed.signal, told.shared) == (8, signal.SIGTERM, 3)


def test_a_worker_ends_with_the_chiefs_exit_code():
    with pytest.raises(RunStopped, match=r"worker 1 .* the chief has ended the run") as stopped:
        following.follow(_Told((Order(Action.END, code=3), None)), lambda: _Played([]))
    assert stopped.value.exit_code == 3


def test_an_order_is_what_it_was_after_it_was_sent():
    order = Order(Action.PLAY, 7, 0.125, 130)
    assert Order.of(np.array(order.numbers(), np.int64)) == order


def test_one_process_decides_by_itself():
    workers = Workers(tf.distribute.get_strategy())
    assert workers.is_chief
    assert workers.tell(PLAY, signal.SIGINT) is signal.SIGINT
    assert workers.tell(PLAY) is None
    with workers.together():
        pass
    workers.check_same("data", "other data")
    with pytest.raises(tf.errors.UnavailableError), workers.watched():  # as of a disk
        raise tf.errors.UnavailableError(None, None, "gone")
