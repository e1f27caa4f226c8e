"""What the processes of a run tell each other: the chief decides, all may wish to stop.

Everything that follows from a clock, a file or a check is decided by the chief, worker 0, in an Order. The others know
nothing of the run's folder: they get all weights from the chief, and play the rounds that they are told to.
"""

import contextlib
import hashlib
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from signal import SIGHUP, SIGINT, SIGPIPE, SIGTERM, Signals
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo.errors import RunStopped, UserError, WorkerLost
from gan_zoo.training import machine
from gan_zoo.training.cluster import host_and_port
from gan_zoo.training.trainer import Trainer

_WISHES = (SIGTERM, SIGINT, SIGHUP, SIGPIPE)
_CHUNK = 1 << 17  # numbers of 8 bytes that are sent at once
_PROBE = 2.0  # seconds to reach a worker
_LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError)
_NO_ERROR_OF_OURS = "Collective ops is aborted"  # as TensorFlow says of what another worker's end has broken


class Action(IntEnum):
    """What all do next."""

    PLAY, REBUILD, END = range(3)


class Order(NamedTuple):
    """What the chief has decided.

    rounds: to PLAY in one call, at `factor` times the learning rates. code: the exit code with which all END.
    """

    action: Action
    rounds: int = 0
    factor: float = 1.0
    code: int = 0

    def numbers(self) -> list[int]:
        """As whole numbers of 64 bits."""
        return [self.action, self.rounds, int(np.array(self.factor).view(np.int64)), self.code]

    @classmethod
    def of(cls, numbers: np.ndarray) -> "Order":
        """From what `numbers` gave."""
        action, rounds, factor, code = (int(number) for number in numbers)
        return cls(Action(action), rounds, float(np.array(factor, np.int64).view(np.float64)), code)


class Workers:
    """The processes of a run, of which this is one. That of a run of one process is the chief; nothing is sent then."""

    def __init__(self, strategy: tf.distribute.Strategy):
        self._strategy, self._cluster = strategy, machine.cluster_of(strategy)
        self.count = len(self._cluster.addresses) if self._cluster else 1
        self._rank = self._cluster.rank if self._cluster else 0
        self._graph = tf.function(self._reduced, autograph=False, reduce_retracing=True)

    @property
    def is_chief(self) -> bool:
        return self._rank == 0

    @property
    def name(self) -> str:
        """This one, for a person."""
        return self._named(self._rank)

    def tell(self, order: Order, wish: Signals | None = None) -> Signals | None:
        """The chief's part of what comes next: its order. Returns what anybody wishes to stop for, or None.

        An order to play doesn't count if somebody does.
        """
        return self._next(order, wish)[1] if self.count > 1 else wish

    def hear(self, wish: Signals | None) -> tuple[Order, Signals | None]:
        """The part of all others: the chief's order, and the wish."""
        return self._next(None, wish)

    def _next(self, order: Order | None, wish: Signals | None) -> tuple[Order, Signals | None]:
        own = order.numbers() if order else [0] * len(Order._fields)
        total = self._sum(np.array([*own, *(wish == each for each in _WISHES)], np.int64))
        wished = next((each for each, count in zip(_WISHES, total[len(own):], strict=True) if count), None)
        return Order.of(total[:len(own)]), wished

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What every worker does in the body before any goes on; RunStopped if another one could not.

        In the body nothing may be sent: who fails there could not tell it to those who wait for that.
        """
        try:
            yield
        except BaseException:
            with contextlib.suppress(WorkerLost):
                self._failed(own=True)
            raise
        if failed := self._failed(own=False):
            raise RunStopped(f"{' and '.join(map(self._named, failed))} could not begin, and says why in its output")

    def _failed(self, own: bool) -> list[int]:
        """Who has failed. own: whether this one has."""
        return np.flatnonzero(self._sum((np.arange(self.count) == self._rank) * np.int64(own))).tolist()

    def check_same(self, text: str, otherwise: str) -> None:
        """Raises UserError, saying `otherwise`, if the chief has another text; RunStopped at all others."""
        digest = np.frombuffer(hashlib.blake2b(text.encode(), digest_size=8).digest(), np.int64)
        of_chief = self._sum(digest if self.is_chief else np.zeros(1, np.int64))
        with self.together():
            if digest != of_chief:
                raise UserError(f"{self.name} has {otherwise} than {self._named(0)}: give all workers the same")

    def share(self, trainer: Trainer, step: int = 0) -> int:
        """Gives every worker the chief's weights, optimizers and all else that rounds change; returns its step."""
        if self.count == 1:
            return step
        variables = trainer.variables()
        arrays = [np.asarray(variable) for variable in variables]
        parts = [np.array(step, np.int64).tobytes(), *(array.tobytes() for array in arrays)]
        whole = b"".join(parts)
        numbers = np.frombuffer(whole + bytes(-len(whole) % (8 * _CHUNK)), np.int64)
        told = [self._sum(part if self.is_chief else np.zeros_like(part))
                for part in np.split(numbers, len(numbers) // _CHUNK)]
        if self.is_chief:
            return step
        received, place = np.concatenate(told).tobytes(), len(parts[0])
        with self._strategy.scope():
            for variable, array in zip(variables, arrays, strict=True):
                value = np.frombuffer(received, array.dtype, array.size, place).reshape(array.shape)
                variable.assign(value)
                place += array.nbytes
        return int(np.frombuffer(received, np.int64, 1)[0])

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Where all take part: WorkerLost, naming it, if one of the others is gone."""
        try:
            yield
        except tf.errors.OpError as error:
            if self.count == 1 or not (isinstance(error, _LOST) or _NO_ERROR_OF_OURS in str(error)):
                raise
            raise WorkerLost(f"{self._lost(str(error))} is lost: killed, or its machine or the network is gone. Start "
                             "all workers again by the same commands; the run goes on from its newest checkpoint"
                             ) from error

    def _lost(self, text: str) -> str:
        """Who is lost, as far as it can be told, for a person. text: what TensorFlow says."""
        others = [rank for rank in range(self.count) if rank != self._rank]
        with ThreadPoolExecutor(len(others)) as pool:
            answers = dict(zip(others, pool.map(self._answers, others), strict=True))
        silent = [rank for rank in others if not answers[rank]]
        silent = silent or [rank for rank in others if re.search(rf"/job:worker/(replica:0/)?task:{rank}\b", text)]
        return " or ".join(map(self._named, silent or others))

    def _answers(self, rank: int) -> bool:
        assert self._cluster
        try:
            socket.create_connection(host_and_port(self._cluster.addresses[rank]), _PROBE).close()
        except OSError:
            return False
        return True

    def _named(self, rank: int) -> str:
        return self._cluster.named(rank) if self._cluster else "the only worker"

    def _sum(self, values: np.ndarray) -> np.ndarray:
        """The sum over workers of int64 [n]."""
        if self.count == 1:
            return values
        with self.watched():
            return self._graph(tf.constant(values)).numpy()

    def _reduced(self, values: tf.Tensor) -> tf.Tensor:
        replicas = self._strategy.num_replicas_in_sync // self.count  # of each worker, of which one speaks

        def add(values):
            context = tf.distribute.get_replica_context()
            speaks = tf.equal(context.replica_id_in_sync_group % replicas, 0)
            return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.where(speaks, values, tf.zeros_like(values)))

        return self._strategy.experimental_local_results(self._strategy.run(add, args=(values,)))[0]
