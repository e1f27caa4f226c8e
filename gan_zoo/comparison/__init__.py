"""Runs side by side: found, read from their folders, grouped and tabulated, without TensorFlow and without training."""
