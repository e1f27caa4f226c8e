"""`python -m gan_zoo.compare`: see gan_zoo.commands.compare."""

import sys

from gan_zoo.commands import compare, startup

if __name__ == "__main__":
    sys.exit(startup.main(compare.run))
