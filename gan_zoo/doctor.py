"""`python -m gan_zoo.doctor`: see gan_zoo.commands.doctor."""

import sys

from gan_zoo.commands import doctor, startup

if __name__ == "__main__":
    sys.exit(startup.main(doctor.run))
