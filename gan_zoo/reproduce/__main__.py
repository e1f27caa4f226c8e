"""`python -m gan_zoo.reproduce`: see gan_zoo.commands.reproduce."""

import sys

from gan_zoo.commands import reproduce, startup

if __name__ == "__main__":
    sys.exit(startup.main(reproduce.run))
