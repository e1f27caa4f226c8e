"""How the workers of a run find each other, before TensorFlow is told of them.

TensorFlow's own start waits in C++ for a worker that does not come, for ever and deaf to Ctrl-C and SIGTERM. So they
meet here first, at the address that the chief's TensorFlow takes afterwards: each of the others says who it is and what
it was asked for, and the chief lets all go on when all are there and have been asked for the same.
"""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from gan_zoo.errors import UserError, WorkerLost
from gan_zoo.training.cluster import VARIABLE, Cluster, host_and_port

_MOST_BYTES = 1 << 20  # of a message
_BETWEEN, _SPEAKING = 0.2, 5.0  # seconds: between two tries to reach the chief, and that one who came has to speak
_GO = "go"
_FLAG = "--worker_timeout_s"

Asked = Mapping[str, Any]  # what a worker was asked for: name → a value that JSON knows


def meet(cluster: Cluster, asked: Asked, seconds: float, say: Callable[[str], None] = lambda line: None) -> None:
    """Returns when all workers are there. asked: what has to be the same for all. say: is told that it waits.

    WorkerLost if one does not come within so many seconds, UserError if two were asked for different things.
    """
    deadline = time.monotonic() + seconds
    if cluster.is_chief:
        _receive(cluster, asked, seconds, deadline, say)
    else:
        _visit(cluster, asked, seconds, deadline, say)


def _receive(cluster: Cluster, asked: Asked, seconds: float, deadline: float, say: Callable[[str], None]) -> None:
    """The chief's part."""
    host, port = host_and_port(cluster.addresses[0])
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    came: dict[int, socket.socket] = {}
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(socket.create_server(("", port), family=family,
                                                               backlog=len(cluster.addresses)))
        except OSError as error:
            raise UserError(f"{VARIABLE}: port {port} of this machine, the chief's, can't be used ({error.strerror}): "
                            "end what uses it, or name another port, for all workers alike") from None
        say(f"waiting for {len(cluster.addresses) - 1} more workers at port {port}, for up to {seconds:g} s")
        try:
            while missing := _missing(cluster, came):
                visitor = _next_visitor(server, deadline)
                if visitor is None:
                    raise WorkerLost(f"{_listed(cluster, missing)} did not come within {_FLAG}={seconds:g}: start all "
                                     "workers, each with its own TF_CONFIG; who is slow needs a larger value")
                stack.callback(visitor.close)
                _greet(cluster, asked, visitor, came)
        except (UserError, WorkerLost) as error:
            _tell(came, json.dumps({"kind": type(error).__name__, "line": str(error)}))
            raise
        _tell(came, _GO)
        for visitor in came.values():  # who closes first keeps the port for a while, and ours is wanted
            with contextlib.suppress(OSError):
                visitor.settimeout(_SPEAKING)
                visitor.recv(1)


def _missing(cluster: Cluster, came: dict[int, socket.socket]) -> list[int]:
    """Who is not there, or has left again."""
    for rank in [rank for rank, visitor in came.items() if _has_left(visitor)]:
        del came[rank]
    return [rank for rank in range(1, len(cluster.addresses)) if rank not in came]


def _has_left(visitor: socket.socket) -> bool:
    try:
        visitor.setblocking(False)
        return not visitor.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _next_visitor(server: socket.socket, deadline: float) -> socket.socket | None:
    left = deadline - time.monotonic()
    if left <= 0:
        return None
    server.settimeout(left)
    try:
        return server.accept()[0]
    except TimeoutError:
        return None


def _greet(cluster: Cluster, asked: Asked, visitor: socket.socket, came: dict[int, socket.socket]) -> None:
    """Lets one in that belongs here; UserError if it was asked for something else."""
    visitor.settimeout(_SPEAKING)
    try:
        said = json.loads(_read_line(visitor))
        rank, addresses, others = said["rank"], said["addresses"], said["asked"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # somebody else at our port
    if addresses != list(cluster.addresses):
        line = (f"{VARIABLE}: another worker has the cluster {', '.join(addresses)}, the chief "
                f"{', '.join(cluster.addresses)}: give all the same")
    elif rank in came:
        line = f"{VARIABLE}: there are two of {cluster.named(rank)}: give each its own index"
    else:
        came[rank] = visitor
        line = _difference(asked, others, cluster.named(rank))
    if line:
        came[-1] = visitor  # so that it is told, too
        raise UserError(line)


def _difference(asked: Asked, others: Asked, who: str) -> str:
    for name, value in asked.items():
        if others.get(name) != value:
            return (f"{who} was started with {name}={_shown(others.get(name))}, the chief with {name}={_shown(value)}: "
                    "start all workers alike")
    return ""


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _tell(came: Mapping[int, socket.socket], line: str) -> None:
    for visitor in came.values():
        with contextlib.suppress(OSError):
            visitor.settimeout(_SPEAKING)
            visitor.sendall(line.encode() + b"\n")


def _visit(cluster: Cluster, asked: Asked, seconds: float, deadline: float, say: Callable[[str], None]) -> None:
    """The part of all others. The chief may come later, or again."""
    greeting = json.dumps({"rank": cluster.rank, "addresses": cluster.addresses, "asked": dict(asked)})
    say(f"this is {cluster.named(cluster.rank)}; waiting for {cluster.named(0)}, for up to {seconds:g} s")
    while (left := deadline - time.monotonic()) > 0:
        # Longer than this one has, so that the chief, who may have begun later, can say who is late.
        answer = _answer(host_and_port(cluster.addresses[0]), greeting, left + _SPEAKING)
        if answer == _GO:
            return
        with contextlib.suppress(ValueError, KeyError, TypeError):
            said = json.loads(answer)
            raise {"UserError": UserError, "WorkerLost": WorkerLost}[said["kind"]](said["line"])
        time.sleep(_BETWEEN)
    raise WorkerLost(f"{cluster.named(0)}, did not answer within {_FLAG}={seconds:g}: start all workers, each with its "
                     "own TF_CONFIG; who is slow needs a larger value")


def _answer(address: tuple[str, int], greeting: str, seconds: float) -> str:
    """What the chief says; "" if nobody is there, or has left before it was all said."""
    try:
        with socket.create_connection(address, timeout=min(seconds, _SPEAKING)) as chief:
            chief.sendall(greeting.encode() + b"\n")
            chief.settimeout(seconds)
            return _read_line(chief)
    except (OSError, ValueError):
        return ""


def _read_line(connection: socket.socket) -> str:
    """What is said up to the end of a line; ValueError if that doesn't come."""
    with connection.makefile("rb") as file:
        line = file.readline(_MOST_BYTES)
    if not line.endswith(b"\n"):
        raise ValueError("no whole line")
    return line.decode().rstrip("\n")


def _listed(cluster: Cluster, ranks: list[int]) -> str:
    return " and ".join(map(cluster.named, ranks))
