"""`python -m gan_zoo.evaluate`: see gan_zoo.commands.evaluate."""

import sys

from gan_zoo.commands import evaluate, startup

if __name__ == "__main__":
    sys.exit(startup.main(evaluate.run))
