"""Real images after a random change, for terms on what such a change leaves alone."""

import tensorflow as tf

from gan_zoo import augmentation
from gan_zoo.errors import UserError
from gan_zoo.game import GAN
from gan_zoo.play import Play


class Transformed:
    """T(x) of real images x; terms with the same T have the same T(x).

    term: that needs them, as it is called in specs. spec: of T, as in --augment, which is that term's argument
    `transform`; UserError if it is no such thing. name: of the pass in which T(x) is seen.
    """

    def __init__(self, term: str, spec):
        self.name, self._term, self._transform = f"{term} under {spec}", term, augmentation.within("transform", spec)

    def check(self, gan: GAN) -> None:
        if gan.value_range is None:
            raise UserError(f"{self._term} changes images, but these data are points: leave it out")

    def images(self, play: Play) -> tf.Tensor:
        """[B, H, W, C], the same each time in a play."""
        value_range = play.gan.value_range
        assert value_range is not None  # see check
        return play.once(self.name, lambda: self._transform(play.real.images, value_range, play))
