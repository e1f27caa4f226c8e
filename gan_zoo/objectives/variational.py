"""Variational divergence minimisation, f-GAN (Nowozin et al. 2016, arXiv:1606.00709)."""

import keras
import tensorflow as tf

from gan_zoo.errors import check_choice
from gan_zoo.objectives import f_divergence
from gan_zoo.objectives.base import ScoreObjective, objectives


@keras.saving.register_keras_serializable("gan_zoo")
class VariationalHead(keras.layers.Layer):
    """The last layer of an f-GAN's discriminator: what its raw scores V [B, 1] say, by name, [B, 1] each.

    score: V itself. variational_value: T = g_f(V), real where above f′(1). density_ratio: (f′)⁻¹(T), at the
    optimum p/q, at least 0; left out where f′ has no inverse (total variation).

        keras.Model(discriminator.input, VariationalHead("kl")(discriminator.output)).save("head.keras")
    """

    def __init__(self, divergence, arguments=None, **kwargs):
        """arguments: those of the divergence by name, as in VariationalHead("alpha", {"alpha": 0.5})."""
        kwargs.setdefault("dtype", keras.config.floatx())  # a ratio needs more than half precision
        super().__init__(**kwargs)
        self.divergence, self.arguments = divergence, dict(arguments or {})
        self.row = f_divergence.build(divergence, **self.arguments)

    def call(self, scores):
        return {"score": scores, **self.row.estimates(scores)}

    def get_config(self):
        return super().get_config() | {"divergence": self.divergence, "arguments": self.arguments}


@objectives.register("f_divergence")
class FDivergence(ScoreObjective):
    """min_G max_D F = E[g_f(V(x))] − E[f*(g_f(V(G(z))))], as in f_divergence("kl") or f_divergence("alpha", alpha=0.5).

    V is the discriminator's raw score; max_D F is at most the divergence (equation 6). generator: what G
    minimises, "saddle_point" −E[f*(g_f(V(G(z))))] or "trick" −E[g_f(V(G(z)))], whose gradient does not vanish
    (section 3.2). arguments: those of the divergence, see --list.
    """

    headline = {"divergence_estimate": "F"}

    def __init__(self, /, divergence, generator="trick", **arguments):
        check_choice("generator", generator, ["trick", "saddle_point"])
        self.row = f_divergence.build(divergence, **arguments)
        self.threshold = float(self.row.optimum(tf.constant(1.0)))
        self._generator = getattr(self.row, generator)

    def discriminator(self, real, generated):
        return -self.row.bound(real, generated)

    def generator(self, generated):
        return self._generator(generated)

    def diagnostics(self, play):
        """F, the mean of T on real and on generated images, and f′(1), which lies between them."""
        real, generated = play.real_scores, play.generated_scores
        return {"divergence_estimate": tf.reduce_mean(self.row.bound(real, generated)),
                "threshold": tf.constant(self.row.threshold, real.dtype),
                "variational_value_real": tf.reduce_mean(self.row.activation(real)),
                "variational_value_generated": tf.reduce_mean(self.row.activation(generated))}

    def probability(self, scores):
        """p/(p + q) at the optimum; for total variation, which has no ratio, T + ½."""
        if self.row.log_ratio is None:
            return self.row.activation(scores) + 0.5
        return tf.sigmoid(self.row.log_ratio(scores))

    def estimates(self, scores):
        return super().estimates(scores) | self.row.estimates(scores)
