"""The processes that train one run together, as the environment variable TF_CONFIG names them; without TensorFlow."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from gan_zoo.errors import UserError, written

VARIABLE = "TF_CONFIG"
_EXAMPLE = """TF_CONFIG='{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'"""
_JOBS = ("chief", "worker")  # in the order in which TensorFlow counts them
_SEVERAL = "multi_worker"


class Cluster(NamedTuple):
    """Which worker this process is, and where all are. addresses: "host:port" each; the first is the chief's."""

    addresses: tuple[str, ...]
    rank: int

    @property
    def is_chief(self) -> bool:
        return self.rank == 0

    def named(self, rank: int) -> str:
        """A worker for a person."""
        return f"worker {rank}{', the chief' if rank == 0 else ''} ({self.addresses[rank]})"


def wanted(strategy: str, text: str | None) -> Cluster | None:
    """The workers that --strategy asks for; None for one process. text: what TF_CONFIG is, None if it is not set.

    "auto" takes several if TF_CONFIG names several. UserError for one that is needed or given, and can't be read.
    """
    if strategy not in (_SEVERAL, "auto"):
        return None
    if not text:
        if strategy == _SEVERAL:
            raise UserError(f"--strategy={strategy} needs TF_CONFIG in the environment, which says where the workers "
                            f"are and which this one is, as in {_EXAMPLE}: set it, or leave --strategy out")
        return None
    values = _values(text)
    if strategy == "auto" and not values.get("cluster"):
        return None  # some platforms set it for one machine too
    found = _cluster(values)
    return found if len(found.addresses) > 1 else None


def host_and_port(address: str) -> tuple[str, int]:
    """Of "host:port", or of "[host]:port" if the host is an IPv6 address; ValueError if it is neither."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 2**16:
        raise ValueError(address)
    return host.strip("[]"), int(port)


def _values(text: str) -> Mapping[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{VARIABLE} is not JSON ({error}): write it as in {_EXAMPLE}") from None
    if not isinstance(values, dict):
        raise UserError(f"{VARIABLE} must be an object of JSON, got {written(values)}: write it as in {_EXAMPLE}")
    return values


def _cluster(values: Mapping[str, Any]) -> Cluster:
    jobs, task = values.get("cluster"), values.get("task")
    if not isinstance(jobs, dict) or not jobs:
        raise UserError(f'{VARIABLE} has no "cluster" with the addresses of the workers: write it as in {_EXAMPLE}')
    for job in [*jobs, *([task.get("type")] if isinstance(task, dict) else [])]:
        if job not in _JOBS:
            raise UserError(f'{VARIABLE} has the task type {written(job)}, of which a GAN here has no use: take '
                            '"worker" for all')
    addresses: list[str] = []
    for job in (job for job in _JOBS if job in jobs):
        addresses += _addresses(job, jobs[job])
    _check_apart(addresses)
    return Cluster(tuple(addresses), _rank(jobs, task))


def _addresses(job: str, given: Any) -> list[str]:
    if not isinstance(given, list) or not given:
        raise UserError(f'{VARIABLE}: "{job}" must be a list of addresses, got {written(given)}')
    if job == "chief" and len(given) > 1:
        raise UserError(f'{VARIABLE} has {len(given)} chiefs: make all but one a "worker"')
    for address in given:
        try:
            host_and_port(address if isinstance(address, str) else "")
        except ValueError:
            raise UserError(f'{VARIABLE}: {written(address)} is no address of a worker: write "host:port", with a port '
                            "from 1 to 65535") from None
    return given


def _check_apart(addresses: list[str]) -> None:
    for address in addresses:
        if addresses.count(address) > 1:
            raise UserError(f"{VARIABLE} gives two tasks the address {address}: give each its own port")


def _rank(jobs: Mapping[str, Any], task: Any) -> int:
    """The place of this process among all workers."""
    if not isinstance(task, dict) or "index" not in task:
        raise UserError(f'{VARIABLE} has no "task" with a "type" and an "index", which tells the worker that this '
                        f"process is: write it as in {_EXAMPLE}")
    job, index = str(task.get("type")), task["index"]
    if job not in jobs:
        raise UserError(f'{VARIABLE}: the task\'s type "{job}" is not in its cluster, which has {", ".join(jobs)}')
    if isinstance(index, str) and index.isascii() and index.isdigit():  # as shells and TensorFlow itself have it
        index = int(index)
    count = len(jobs[job])
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < count:
        raise UserError(f"{VARIABLE}: the task's index must be from 0 to {count - 1}, as there "
                        f"{'is' if count == 1 else 'are'} {count} of type {job}, got {written(index)}")
    return index + sum(len(jobs[before]) for before in _JOBS[:_JOBS.index(job)] if before in jobs)
