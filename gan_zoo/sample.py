"""`python -m gan_zoo.sample`: see gan_zoo.commands.sample."""

import sys

from gan_zoo.commands import sample, startup

if __name__ == "__main__":
    sys.exit(startup.main(sample.run))
