"""Of what code a run is: the versions of its packages, the revision of this one."""

import subprocess
import sys
from pathlib import Path

_PACKAGES = ("tensorflow", "keras", "tensorflow-probability", "tensorflow-datasets", "numpy")

def of_packages() -> dict[str, str]:
    """Of Python and of the packages that a run's bits hang on."""
    from importlib import metadata  # imported here: it takes as long as a help text

    return {"python": sys.version.split()[0], **{name: metadata.version(name) for name in _PACKAGES}}


def git_revision() -> str | None:
    """The revision of the code, with "-dirty" if it was changed since; None outside a checkout of it."""
    # An environment may lie in the repository of another project, which doesn't track what is installed in it.
    if _git("ls-files", "--error-unmatch", Path(__file__).name) is None:
        return None
    return _git("describe", "--always", "--dirty", "--abbrev=40") or None


def _git(*arguments: str) -> str | None:
    """What git says of the folder of this file; None if it fails, or there is no git."""
    try:
        done = subprocess.run(["git", *arguments], cwd=Path(__file__).parent, text=True, capture_output=True,
                               timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout.strip()
