"""gan-zoo classifier: trains what metrics will use, and shows it."""

import re
from pathlib import Path

import pytest

from gan_zoo.__main__ import run
from gan_zoo.commands import classifier
from gan_zoo.errors import UserError
from gan_zoo.features import classifier_network


@pytest.fixture
def quick(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(classifier_network, "_FEWEST_SEEN", 0)
    return tmp_path / "gan_zoo" / "classifiers"


def test_it_is_trained_once_and_shown(quick, capsys):
    run(["classifier", "--dataset=digits", "--image_size=8"])
    shown = capsys.readouterr().out
    (path,) = quick.iterdir()
    assert re.fullmatch(r"digits train: 1,797 images of 8x8x1, .*\n"
                        rf"accuracy \d+\.\d\d% on training images; classifier [0-9a-f]{{12}}; \d+ s\n{path}\n", shown)
    made = path.stat().st_mtime_ns
    run(["classifier", "--dataset=digits", "--image_size=8"])
    assert capsys.readouterr().out.splitlines()[1].split(";")[:2] == shown.splitlines()[1].split(";")[:2]
    assert path.stat().st_mtime_ns == made


def test_a_size_has_its_own(quick):
    for size in (8, 12):
        run(["classifier", "--dataset=digits", f"--image_size={size}"])
    assert len(list(quick.iterdir())) == 2


@pytest.mark.parametrize(("argv", "message"), [
    ([], "name the data, as in --dataset=mnist"),
    (["--dataset="], "name the data"),
    (["--dataset=mixture_1d"], "--dataset=mixture_1d has points, and a classifier is of images"),
    (["--dataset=digits", "--image_size=0"], "--image_size=0: 0 is not an integer in the range"),
    (["--dataset=digits", "--split=tset"], "--split='tset': unknown split 'tset'"),
    (["--dataset=folder"], "--dataset=folder needs --data_dir"),
    (["--dataset=digits", "--seed=-1"], "--seed"),
    (["--dataste=digits"], "unknown flag --dataste: did you mean 'dataset'"),
    (["digits"], "'digits' is not a flag"),
])
def test_mistakes(quick, argv, message):
    with pytest.raises(UserError) as error:
        classifier.run(argv)
    assert message in str(error.value)
    assert not quick.exists()
