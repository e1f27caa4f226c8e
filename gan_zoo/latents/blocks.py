"""Where codes stand in the noise, in NumPy: what an export says of itself, and what its readers need."""

from dataclasses import asdict, dataclass

import numpy as np

from gan_zoo.latents.codes import Code


@dataclass(frozen=True)
class Block:
    """A code's numbers in noise [..., Z]: columns offset … offset + size, one-hot if there are `values` of them.

    values: how many a discrete code has, else None. entropy_nats: H(c). variance: of a continuous code, else None.
    """

    name: str
    discrete: bool
    values: int | None
    size: int
    offset: int
    entropy_nats: float
    variance: float | None

    @classmethod
    def of(cls, code: Code, offset: int) -> "Block":
        """The block of a code that begins at column `offset`."""
        return cls(code.name, code.discrete, len(code.sweep(2)) if code.discrete else None, code.size, offset,
                   code.entropy, None if code.discrete else float(code.prior.variance()))

    @property
    def columns(self) -> slice:
        return slice(self.offset, self.offset + self.size)

    def read(self, noise: np.ndarray) -> np.ndarray:
        """The code's values [...] in noise [..., Z]."""
        block = noise[..., self.columns]
        return block.argmax(axis=-1) if self.size > 1 else block[..., 0]

    def write(self, noise: np.ndarray, values) -> np.ndarray:
        """A copy of noise [..., Z] with the code set to `values`, one number or any that go with [...]."""
        noise, values = np.array(noise), np.asarray(values)
        one_hot = self.size == self.values
        noise[..., self.columns] = np.eye(self.size)[values.astype(int)] if one_hot else values[..., np.newaxis]
        return noise

    def as_dict(self) -> dict:
        """For JSON."""
        return asdict(self)
