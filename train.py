"""Trains a GAN: python train.py --model=dcgan [--flagfile=configs/….flags] [--flag=value …]; see --help."""

import sys

from gan_zoo.commands import startup, train

if __name__ == "__main__":
    sys.exit(startup.main(train.run))
