"""What an installed zoo needs: its recipes, its version and requirements said once, a command, and a light import."""

import importlib.util
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import gan_zoo
from gan_zoo import recipes

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_repositorys_recipes_are_its_configs():
    assert recipes.folder() == ROOT / "configs"


def test_an_installed_zoos_recipes_lie_in_the_package(tmp_path):
    shutil.copy(recipes.__file__, tmp_path / "__init__.py")
    shutil.copy(ROOT / "configs" / "dcgan.flags", tmp_path)
    spec = importlib.util.spec_from_file_location("installed", tmp_path / "__init__.py")
    installed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(installed)
    assert installed.folder() == tmp_path.resolve()


def test_the_wheel_has_the_recipes_and_the_command():
    places = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert places == {"configs": Path(recipes.__file__).parent.relative_to(ROOT).as_posix()}
    module, _, function = PROJECT["project"]["scripts"]["gan-zoo"].partition(":")
    assert callable(getattr(import_module(module), function))
    assert (ROOT / "gan_zoo" / "py.typed").is_file()


def test_requirements_and_version_are_said_once():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["-e .[test]"]
    assert "version" in PROJECT["project"]["dynamic"]
    assert f'__version__ = "{gan_zoo.__version__}"' in (ROOT / PROJECT["tool"]["hatch"]["version"]["path"]).read_text()


def test_the_import_brings_nothing_heavy():
    code = "import sys, gan_zoo; print(sorted({'tensorflow', 'keras', 'numpy', 'absl'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n"
