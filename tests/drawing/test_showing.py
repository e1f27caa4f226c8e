"""A picture below the cell of a notebook, elsewhere its path."""

import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from gan_zoo.drawing.showing import show


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(path)
    return path


def _ipython(shell: str, shown: list) -> dict[str, ModuleType]:
    """IPython and its module of displays, in a shell whose class has that name."""
    outer, inner = ModuleType("IPython"), ModuleType("IPython.display")
    outer.get_ipython, inner.display = type(shell, (), {}), shown.append
    return {"IPython": outer, "IPython.display": inner}


@pytest.mark.parametrize("shell", [None, "TerminalInteractiveShell"])
def test_without_a_notebook_its_path_is_printed(picture, monkeypatch, capsys, shell):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    shown = []
    for name, module in (_ipython(shell, shown) if shell else {}).items():
        monkeypatch.setitem(sys.modules, name, module)
    show(picture)
    assert capsys.readouterr().out == f"{picture}\n"
    assert shown == []


def test_in_a_notebook_it_is_displayed(picture, monkeypatch, capsys):
    shown = []
    for name, module in _ipython("ZMQInteractiveShell", shown).items():
        monkeypatch.setitem(sys.modules, name, module)
    show(picture)
    assert np.array_equal(np.asarray(shown[0]), np.arange(12).reshape(3, 4))
    assert capsys.readouterr().out == ""
