"""A user's mistake: one line that names the flag or file, exit code 2, nothing written."""

import os

import numpy as np
import pytest
from PIL import Image

from tests.cli.command_mistakes import OTHER_COMMANDS
from tests.cli.mistakes import EARLY, LATE
from tests.cli.process import QUICK, Server

CASES = {name: ("commands.train", [*QUICK, *flags], wanted) for name, (flags, wanted) in {**EARLY, **LATE}.items()}
CASES |= OTHER_COMMANDS
FLAGFILES = {
    "circle": b"--flagfile=circle.flags\n", "bad": b"# fine\nsteps 3\n", "value": b"--steps=three\n",
    "nul": b"--run_dir=a\0b\n", "large": b"#" * 2**21, "latin": "--run_dir=ä\n".encode("latin-1"),
    "utf16": "--steps=3\n".encode("utf-16"), "bom": b"\xef\xbb\xbf--steps=three\n", "help": b"--help=perhaps\n",
    **{f"deep_{index}": f"--flagfile=deep_{index + 1}.flags\n".encode() for index in range(30)},
    **{f"twice_{index}": f"--flagfile=twice_{index + 1}.flags\n".encode() * 2 for index in range(15)},
    "twice_15": b"--steps=3\n",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with what mistakes are made about; that it stays as it is shows that nothing is written."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "empty").mkdir()
    (folder / "others").mkdir()
    (folder / "flat" / "deep").mkdir(parents=True)
    Image.fromarray(np.zeros([8, 8], np.uint8)).save(folder / "flat" / "a.png")
    (folder / "others" / "thesis.txt").write_text("years of work")
    (folder / "file.txt").write_text("text")
    for name, text in FLAGFILES.items():
        (folder / f"{name}.flags").write_bytes(text)
    return folder


@pytest.fixture(scope="module")
def light():
    """A process that can't import TensorFlow."""
    process = Server("tensorflow")
    yield process
    process.close()


def _files(folder) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_table_is_long():
    assert len(CASES) >= 150
    assert len(CASES) == len(EARLY) + len(LATE) + len(OTHER_COMMANDS)


@pytest.mark.parametrize("mistake", CASES)
def test_one_line_and_nothing_written(request, place, mistake):
    module, flags, wanted = CASES[mistake]
    before = _files(place)
    done = request.getfixturevalue("server" if mistake in LATE else "light").run(place, *flags, module=module)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert len(done.stderr) < 2_100
    for text in wanted:
        assert text in done.stderr, done.stderr
    assert _files(place) == before


def test_help_in_a_flagfile_is_help(light, tmp_path):
    (tmp_path / "help.flags").write_text("--help\n")
    done = light.run(tmp_path, "--flagfile=help.flags")
    assert done.returncode == 0
    assert "--generator_optimizer" in done.stdout
    assert os.listdir(tmp_path) == ["help.flags"]


def test_a_terminal_that_is_not_utf_8(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("LC_ALL", "C")
    process = Server("tensorflow")
    helped, refused = process.run(tmp_path, "--help"), process.run(tmp_path, "--steps=…日")
    process.close()
    assert helped.returncode == 0
    assert "--flagfile=FILE" in helped.stdout
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: --steps must be a whole number, got ")


def test_as_a_user_sees_it(train_in_a_process):
    """What needs a process that has not used the CPU yet."""
    done = train_in_a_process(*QUICK, "--logical_cpus=3", "--strategy=mirrored", "--batch_size=32")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert all(text in done.stderr for text in ("--batch_size=32", "3 replicas"))


def test_a_folder_of_odd_pictures_trains(train, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(0)
    for index in range(6):
        Image.fromarray(rng.integers(0, 255, (20 + index, 18, 3), np.uint8)).save(pictures / f"{index}.png")
    (pictures / "broken.png").write_bytes(b"no picture")
    done = train("--model=mlp", "--dataset=folder", f"--data_dir={pictures}", "--image_size=8", "--batch_size=4",
                 "--steps=2", "--sample_count=4", "--run_dir=run")
    assert done.returncode == 0, done.stderr
    assert "broken.png" in done.stderr
    assert "6 images of 8x8x3" in done.stdout
