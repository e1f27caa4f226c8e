"""A short start of the shell's commands: Keras does without what it imports only to see whether it is there."""

import sys

# Its wrappers for scikit-learn, its galleries and its reading of data frames, which no command uses, import these
# wherever they are installed, and do without them where they are not: more than a second.
_OPTIONAL = ("sklearn", "matplotlib", "pandas")
_KERAS = ("keras", "tf_keras")  # TensorFlow Probability imports the latter


class _Without:
    """Says of the optional packages that they are not installed, for as long as Keras is being imported."""

    def find_spec(self, fullname: str, path, target=None) -> None:
        if fullname in _OPTIONAL and any(map(_is_being_imported, _KERAS)):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def _is_being_imported(name: str) -> bool:
    return getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False)


def start() -> None:
    """Shortens the import of Keras in this process, if that is still to come; later imports get what they ask for."""
    if not any(isinstance(finder, _Without) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Without())
