"""gan_zoo: generative adversarial networks in TensorFlow and Keras, one registered builder each."""

__version__ = "0.1.0"
