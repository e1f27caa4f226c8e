"""The classification term of ACGAN (Odena, Olah, Shlens 2017, arXiv:1610.09585)."""

import tensorflow as tf

from gan_zoo.errors import UserError, check_choice
from gan_zoo.objectives.base import Term, objectives
from gan_zoo.play import Play
from gan_zoo.schedules import check_number_or_schedule


@objectives.register("auxiliary_classifier")
class AuxiliaryClassifier(Term):
    """−λ E[log P(class|x)] in nats: D's on real and on generated images, G's on generated ones; beside a game, by +.

    weight: λ, at least 0, or a schedule. generated: whether D's part counts generated images too, as in the paper. The
    discriminator, which has to name the class, is not told it.
    """

    reads_labels = True
    headline = {"class_accuracy_real": "class(real)", "class_accuracy_generated": "class(generated)"}

    def __init__(self, conditional=False, weight=1.0, generated=True):
        check_number_or_schedule("weight", weight, least=0)
        check_choice("generated", generated, [True, False])
        if not conditional:
            raise UserError("auxiliary_classifier needs the classes of the images: set --conditional")
        self.weight, self.generated = weight, generated

    def discriminator_loss(self, play: Play) -> tf.Tensor:
        loss = _cross_entropy(play.real.labels, play.real_logits)
        if self.generated:
            loss += _cross_entropy(play.latent.labels, play.generated_logits)
        return play.at(self.weight) * loss

    def generator_loss(self, play: Play) -> tf.Tensor:
        return play.at(self.weight) * _cross_entropy(play.latent.labels, play.generated_logits)

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """The shares of images, real and generated, whose class is the most probable one."""
        return {"class_accuracy_real": _accuracy(play.real.labels, play.real_logits),
                "class_accuracy_generated": _accuracy(play.latent.labels, play.generated_logits)}


def _cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def _accuracy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    named = tf.argmax(logits, axis=-1, output_type=labels.dtype)
    return tf.reduce_mean(tf.cast(named == labels, logits.dtype))
