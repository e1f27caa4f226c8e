"""Published experiments of several runs, each a command: python -m gan_zoo.reproduce.NAME."""
