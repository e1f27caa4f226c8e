"""TF_CONFIG, and how workers meet, in this process."""

import json
import socket
import threading
import time

import pytest

from gan_zoo.commands import seeds, train
from gan_zoo.errors import UserError, WorkerLost
from gan_zoo.experiment import Experiment
from gan_zoo.training import machine, meeting
from gan_zoo.training.cluster import Cluster, host_and_port, wanted

TWO = {"worker": ["a:1", "b:2"]}


def _config(cluster, task) -> str:
    return json.dumps({"cluster": cluster, "task": task})


@pytest.mark.parametrize(("text", "expected"), [
    (_config(TWO, {"type": "worker", "index": 1}), Cluster(("a:1", "b:2"), 1)),
    (_config(TWO, {"type": "worker", "index": "1"}), Cluster(("a:1", "b:2"), 1)),
    (_config({"worker": ["b:2"], "chief": ["a:1"]}, {"type": "chief", "index": 0}), Cluster(("a:1", "b:2"), 0)),
    (_config({"worker": ["b:2"], "chief": ["a:1"]}, {"type": "worker", "index": 0}), Cluster(("a:1", "b:2"), 1)),
    (_config({"worker": ["a:1"]}, {"type": "worker", "index": 0}), None)])
def test_the_workers_of_tf_config(text, expected):
    assert wanted("multi_worker", text) == wanted("auto", text) == expected
    assert wanted("one_device", text) is wanted("mirrored", text) is None
    assert wanted("auto", None) is wanted("auto", "{}") is None


# what TF_CONFIG is → what the line about it says
MISTAKES = {
    "none": (None, "--strategy=multi_worker needs TF_CONFIG"),
    "no JSON": ("{'cluster': 3}", "TF_CONFIG is not JSON"),
    "deep": ("[" * 100_000, "TF_CONFIG is not JSON"),
    "a list": ("[1]", "must be an object of JSON"),
    "no cluster": ('{"task": {"type": "worker", "index": 0}}', 'no "cluster"'),
    "an empty cluster": (_config({}, {"type": "worker", "index": 0}), 'no "cluster"'),
    "no task": (json.dumps({"cluster": TWO}), 'no "task"'),
    "no index": (_config(TWO, {"type": "worker"}), 'no "task"'),
    "beyond the last": (_config(TWO, {"type": "worker", "index": 2}), "from 0 to 1, as there are 2"),
    "before the first": (_config(TWO, {"type": "worker", "index": -1}), "from 0 to 1"),
    "half an index": (_config(TWO, {"type": "worker", "index": 0.5}), "from 0 to 1"),
    "an index in words": (_config(TWO, {"type": "worker", "index": "one"}), "from 0 to 1"),
    "a parameter server": (_config(TWO | {"ps": ["c:3"]}, {"type": "worker", "index": 0}), "type 'ps'"),
    "an evaluator": (_config(TWO, {"type": "evaluator", "index": 0}), "type 'evaluator'"),
    "a type in a list": (_config(TWO, {"type": ["worker"], "index": 0}), "type ['worker']"),
    "a type that is not there": (_config(TWO, {"type": "chief", "index": 0}), '"chief" is not in its cluster'),
    "two chiefs": (_config({"chief": ["a:1", "b:2"]}, {"type": "chief", "index": 0}), "2 chiefs"),
    "one address for two": (_config({"worker": ["a:1", "a:1"]}, {"type": "worker", "index": 0}), "two tasks the"),
    "the chief's address": (_config({"chief": ["a:1"], "worker": ["a:1"]}, {"type": "chief", "index": 0}), "address a"),
    "addresses in a text": (_config({"worker": "a:1"}, {"type": "worker", "index": 0}), "list of addresses"),
    "no port": (_config({"worker": ["a", "b:2"]}, {"type": "worker", "index": 0}), "'a' is no address"),
    "port 0": (_config({"worker": ["a:0", "b:2"]}, {"type": "worker", "index": 0}), "'a:0' is no address"),
    "port 65536": (_config({"worker": ["a:65536", "b:2"]}, {"type": "worker", "index": 0}), "no address"),
    "a number as address": (_config({"worker": [3, "b:2"]}, {"type": "worker", "index": 0}), "3 is no address"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_tf_config_is_told_in_one_line(mistake):
    text, line = MISTAKES[mistake]
    with pytest.raises(UserError) as error:
        wanted("multi_worker", text)
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_an_ipv6_address():
    assert host_and_port("[::1]:22") == ("::1", 22)


@pytest.mark.parametrize(("flags", "line"), [
    ({"batch_size": 20}, "--batch_size=20 can't be split over 3 replicas on 3 workers: use 18"),
    ({"batch_size": 60, "packing": 3}, "can't be split over 3 replicas on 3 workers in packs of 3: use 54"),
    ({"batch_size": 24, "jit_compile": True}, "--jit_compile works on one replica only"),
    ({"batch_size": 24, "precision": "mixed_float16"}, "--precision=mixed_float16 works on one replica only"),
    ({"batch_size": 24, "logical_cpus": 2}, "--logical_cpus=2")])
def test_what_cannot_be_split_is_refused_before_anybody_waits(flags, line):
    with pytest.raises(UserError) as error:
        machine.check_workers(Experiment(**flags), 3)
    assert line in str(error.value)


def test_seeds_are_trained_by_one_process(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_CONFIG", _config(TWO, {"type": "worker", "index": 0}))
    monkeypatch.setattr(seeds.runs, "begin", None)
    with pytest.raises(UserError, match="--seeds trains one run after the other"):
        train.run(["--model=mlp", "--dataset=digits", "--seeds=0,1", f"--run_dir={tmp_path}"])


def _addresses(count: int) -> tuple[str, ...]:
    """Of ports that are free."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = tuple(f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    for each in sockets:
        each.close()
    return addresses


def _meet(*workers: tuple[Cluster, dict], seconds: float = 10, stranger: bool = False) -> list[BaseException | None]:
    """How the meeting ended for each."""
    ends: list[BaseException | None] = [RuntimeError("still waits")] * len(workers)

    def one(place: int, cluster: Cluster, asked: dict) -> None:
        try:
            meeting.meet(cluster, asked, seconds)
            ends[place] = None
        except (UserError, WorkerLost) as error:
            ends[place] = error

    threads = [threading.Thread(target=one, args=(place, *worker)) for place, worker in enumerate(workers)]
    for place, thread in enumerate(threads):
        thread.start()
        if stranger and place == 0:
            _knock(workers[0][0].addresses[0])
    for thread in threads:
        thread.join(timeout=30)
    return ends


def _knock(address: str) -> None:
    """As a scanner of ports does, or a worker of another run."""
    for _ in range(100):
        try:
            with socket.create_connection(host_and_port(address)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return
        except ConnectionError:
            time.sleep(0.02)


def test_workers_meet_in_any_order_and_whoever_else_comes_is_ignored():
    addresses = _addresses(3)
    for order in ((0, 1, 2), (2, 1, 0)):
        ends = _meet(*((Cluster(addresses, rank), {"--steps": 3}) for rank in order), stranger=order[0] == 0)
        assert ends == [None] * 3


def test_who_is_missing_is_named_and_all_end():
    addresses = _addresses(3)
    ends = _meet(*((Cluster(addresses, rank), {}) for rank in (0, 1)), seconds=1)
    for end in ends:
        assert isinstance(end, WorkerLost)
        assert str(end).startswith(f"worker 2 ({addresses[2]}) did not come within --worker_timeout_s=1")
    assert WorkerLost.exit_code not in (0, 1, 2)
    assert str(_meet((Cluster(addresses, 1), {}), seconds=1)[0]).startswith("worker 0, the chief")


@pytest.mark.parametrize(("others", "line"), [
    ((1, {"--steps": 4}, None), "worker 1 (ADDRESS) was started with --steps=4, the chief with --steps=3"),
    ((1, {}, None), "with --steps=, the chief with --steps=3"),
    ((1, {"--steps": 3}, "x:1"), "another worker has the cluster"),
    ((0, {"--steps": 3}, None), "port PORT of this machine, the chief's, can't be used")])
def test_workers_that_do_not_belong_together_are_told_so(others, line):
    addresses = _addresses(2)
    rank, asked, other = others
    ends = _meet((Cluster(addresses, 0), {"--steps": 3}),
                 (Cluster((addresses[0], other or addresses[1]), rank), asked), seconds=2)
    line = line.replace("ADDRESS", addresses[1]).replace("PORT", addresses[0].rpartition(":")[2])
    told = [end for end in ends if isinstance(end, UserError)]
    assert len(told) == 2 - (rank == 0)
    for end in told:
        assert line in str(end)


def test_two_with_one_index_are_told_so():
    addresses = _addresses(3)
    ends = _meet(*((Cluster(addresses, rank), {}) for rank in (0, 1, 1)), seconds=5)
    assert all("there are two of worker 1" in str(end) for end in ends)
