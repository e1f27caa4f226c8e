"""Experiments about the zoo itself, each a command: `python -m gan_zoo.experiments.alarm`."""
