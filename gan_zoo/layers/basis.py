"""A learned first feature map (Huang et al. 2024, arXiv:2501.05441)."""

import keras


@keras.saving.register_keras_serializable("gan_zoo")
class LearnedBasis(keras.layers.Layer):
    """A vector on a learned map, y_hwc = x_c b_hwc: [B, C] → [B, H, W, C], b ~ N(0, 1) at the start.

    size: (H, W).
    """

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = tuple(size)

    def build(self, input_shape):
        self.basis = self.add_weight(name="basis", shape=(*self.size, input_shape[-1]),
                                     initializer=keras.initializers.RandomNormal(stddev=1))

    def call(self, inputs):
        return inputs[:, None, None, :] * self.basis

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.size, input_shape[-1])

    def get_config(self):
        return super().get_config() | {"size": self.size}
