"""`import gan_zoo`: light, quiet, and the same names at every time."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

import gan_zoo

ROOT = Path(__file__).resolve().parents[1]


def test_the_import_is_light():
    code = ("import time\nstart = time.process_time()\nimport sys, gan_zoo\nseconds = time.process_time() - start\n"
            "print(seconds, sorted({'tensorflow', 'keras', 'numpy'} & set(sys.modules)))")
    done = [subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
            for _ in range(3)]
    assert {one.stdout.partition(" ")[2] for one in done} == {"[]\n"}
    assert min(float(one.stdout.split()[0]) for one in done) < 0.2


def test_the_first_use_of_tensorflow_is_quiet():
    code = "import gan_zoo; print(callable(gan_zoo.schedules.register))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120,
                          env={"PATH": ""})
    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="oneDNN is TensorFlow's own choice here")
@pytest.mark.parametrize("chosen", ["", "0"])
def test_tensorflow_computes_by_onednn_unless_the_user_says_otherwise(chosen):
    code = ("import gan_zoo; gan_zoo.latents\n"
            "from tensorflow.python.framework import test_util; print(test_util.IsMklEnabled())")
    environment = {"PATH": "", **({"TF_ENABLE_ONEDNN_OPTS": chosen} if chosen else {})}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120,
                          env=environment)
    assert done.stdout == f"{chosen != '0'}\n"


def test_names_are_always_the_same_objects():
    for name in ("models", "objectives", "latents", "metrics", "schedules"):
        package = getattr(gan_zoo, name)
        assert package is sys.modules[f"gan_zoo.{name}"]
        assert callable(package.register)
    assert "digits" in list(gan_zoo.datasets)
    assert "flip" in list(gan_zoo.augmentations)
    assert dir(gan_zoo) == sorted([*gan_zoo.__all__, "__version__"])
    assert all(hasattr(gan_zoo, name) for name in dir(gan_zoo))
    with pytest.raises(AttributeError, match="no attribute 'modles'"):
        _ = gan_zoo.modles
