"""The recipes, a flagfile an experiment: configs/ of the repository, which an installed package has in this folder."""

from pathlib import Path


def folder() -> Path:
    """Where the recipes are."""
    here = Path(__file__).resolve().parent
    return here if any(here.glob("*.flags")) else here.parents[1] / "configs"
