"""Classes as one-hot numbers."""

import keras


@keras.saving.register_keras_serializable("gan_zoo")
class OneHot(keras.layers.Layer):
    """Classes, integers [B] in 0 … num_classes − 1 → one-hot [B, num_classes], in the layer's precision."""

    def __init__(self, num_classes: int, **kwargs):
        super().__init__(**kwargs)
        self.num_classes = num_classes

    def call(self, labels):
        return keras.ops.one_hot(labels, self.num_classes, dtype=self.compute_dtype)

    def get_config(self):
        return super().get_config() | {"num_classes": self.num_classes}
