"""gan-zoo doctor: what it says of a folder, the contact sheet, the flags that it suggests; what it leaves alone."""

import re
import shlex

import numpy as np
import pytest
from PIL import Image

from gan_zoo.__main__ import run
from gan_zoo.commands import flags as command_line
from gan_zoo.data import load, request
from gan_zoo.errors import UserError

RNG = np.random.default_rng(0)


def _noise(*sides):
    return RNG.integers(0, 256, (*sides, 3), np.uint8)


def _folder(root, pictures):
    for name, values in pictures.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(values, bytes):
            path.write_bytes(values)
        else:
            Image.fromarray(values).save(path)


def _classes(**more):
    """Two classes of 9x9, in two splits."""
    names = [f"{split}/{kind}/{number}.png" for split in ("train", "test") for kind in ("2", "10") for number in (0, 1)]
    return {name: _noise(9, 9) for name in names} | more


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys):
    """(pictures, *flags) → the lines that it prints; it is run beside the folder, pics."""
    monkeypatch.chdir(tmp_path)

    def look(pictures, *flags):
        _folder(tmp_path / "pics", pictures)
        before = {path: path.read_bytes() for path in (tmp_path / "pics").rglob("*") if path.is_file()}
        run(["doctor", "--data_dir=pics", *flags])
        assert {path: path.read_bytes() for path in (tmp_path / "pics").rglob("*") if path.is_file()} == before
        return capsys.readouterr().out.splitlines()

    return look


def _said(lines, name):
    """What stands behind a name, its further lines joined to it."""
    start = next((number for number, line in enumerate(lines) if re.match(rf"  {name}  ", line)), None)
    if start is None:
        return None
    own = [lines[start]]
    for line in lines[start + 1:]:
        if not line.startswith(" " * 17):
            break
        own.append(line)
    return "; ".join(line[17:].strip() for line in own)


SAME, FLAT = _noise(9, 9), np.full((9, 9, 3), 99, np.uint8)
CASES = {
    "odd": (_classes(**{"train/2/copy.png": SAME, "test/10/copy.bmp": SAME, "train/2/flat.png": FLAT,
                        "train/10/small.png": _noise(8, 8), "notes.txt": b"x", "train/2/a.png": b""}), {
        "left out": "1 with an ending that is no picture's (.txt 1); 1 unreadable (train/2/a.png)",
        "formats": "png 11, bmp 1", "sizes": "9x9 11, 8x8 1", "colours": "RGB 12", "splits": "train 7, test 5",
        "classes": "0=2 6, 1=10 6", "equal": "test/10/copy.bmp = train/2/copy.png",
        "in two splits": "test/10/copy.bmp = train/2/copy.png", "near-constant": "1: train/2/flat.png"}),
    "flat": ({f"{number}.png": _noise(10, 30)[..., 0] for number in range(5)}, {
        "left out": None, "sizes": "30x10 5", "colours": "L 5", "splits": "train 5", "equal": None,
        "classes": "none: folders with pictures in them would be classes", "near-constant": None,
        "notes": "5 of 5 pictures are not square, such as 0.png (30x10): --fit=crop takes the central square; "
                 "--fit=pad or --fit=stretch keep all"})}


@pytest.mark.parametrize("case", CASES)
def test_what_it_says(doctor, case):
    pictures, expected = CASES[case]
    lines = doctor(pictures, "--nospeed")
    assert {name: _said(lines, name) for name in expected} == expected
    assert Image.open("pics_contact.png").width > 300
    assert "pics_contact.png" in _said(lines, "contact sheet")


@pytest.mark.parametrize(("pictures", "flags", "expected"), [
    (_classes(), [], {"conditional": True, "image_size": 9, "batch_size": 4, "fit": "crop", "split": "train",
                      "steps": 3000}),
    (CASES["flat"][0], [], {"conditional": False, "fit": "pad", "image_size": 10}),
    (CASES["flat"][0], ["--fit=stretch", "--image_size=12"], {"fit": "stretch", "image_size": 12}),
    ({f"val/{number}.png": _noise(9, 9) for number in range(3)}, [], {"split": "val", "conditional": False})])
def test_what_it_suggests_can_be_trained(doctor, pictures, flags, expected):
    """By the words of the command itself, which name data that are there."""
    lines = doctor(pictures, "--nospeed", *flags)
    program, command, *arguments = shlex.split(lines[lines.index("suggested") + 1])
    assert (program, command) == ("gan-zoo", "train")
    experiment = command_line.parse(arguments).experiment
    assert {name: getattr(experiment, name) for name in expected} == expected
    assert load(request(experiment)).count >= experiment.batch_size


def test_the_speed_is_measured_by_rounds_of_the_model(doctor):
    line = doctor(_classes(), "--model=mlp(generator=[None, 4, None], discriminator=[None, 4, 1])")[-1]
    assert re.fullmatch(r"  takes about [\d.]+ (s|minutes) here \(.PU, 1 replica\): 5,000 rounds, of which 3 were "
                        r"tried and took [\d.e-]+ s each; checks and samples come on top. An epoch is 1.0 rounds", line)


def test_it_replaces_its_own_sheet_only(doctor, tmp_path):
    for _ in range(2):
        doctor(CASES["flat"][0], "--nospeed", "--out=sheet.png")
    Image.fromarray(FLAT).save("mine.png")
    with pytest.raises(UserError, match=r"--out=mine.png is there already and no contact sheet of gan-zoo doctor"):
        doctor({}, "--out=mine.png")


@pytest.mark.parametrize(("flags", "message"), [
    (["--data_dir=none"], "--data_dir=none does not exist"), (["--data_dir="], "name a folder of pictures"),
    (["--out=pics/a.png"], "--out=pics/a.png lies in --data_dir=pics"),
    (["--out=a.jpg"], "--out=a.jpg must end in .png"),
    (["--out=" + "a" * 300], "--out=aaa"),
    (["--image_size=0"], "--image_size must be a whole number of at least 1"),
    (["--out=no/a.png"], "--out=no/a.png: no is no folder that can be written"),
    (["--model=dcgna"], "--model=dcgna: unknown model"), (["--fit=cut"], "unknown --fit 'cut'"),
    (["--image_size=3"], "--image_size must be a whole number from 8"), (["--splits"], "unknown flag --splits"),
    (["--data_dir=empty"], "--data_dir=empty holds no pictures that can be read"),
    (["--data_dir=broken"], "--data_dir=broken holds no pictures that can be read (.png .jpg")])
def test_mistakes_write_nothing(tmp_path, monkeypatch, flags, message):
    _folder(tmp_path, {"pics/0.png": FLAT, "empty/x.txt": b"", "broken/a.png": b""})
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        run(["doctor", "--data_dir=pics", *flags])
    assert str(error.value).startswith(message)
    assert sorted(tmp_path.rglob("*")) == before
