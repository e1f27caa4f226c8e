"""train.py as a user runs it: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A game that trains in a moment; flags given after it override.
QUICK = ("--model=mlp", "--dataset=digits", "--image_size=8", "--batch_size=32", "--sample_count=4",
         "--latent=normal(8)", "--epochs=1")


def command(*flags: str) -> list[str]:
    return [sys.executable, str(ROOT / "train.py"), *flags]


@pytest.fixture
def train_in_a_process(tmp_path):
    """Runs train.py in an empty folder with the given flags; returns the finished process."""

    def run(*flags: str) -> subprocess.CompletedProcess:
        return subprocess.run(command(*flags), cwd=tmp_path, text=True, capture_output=True, timeout=300,
                              env=_environment())

    return run


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("TF_")}


_SERVER = """
import os, sys
sys.path.insert(0, sys.argv[1])
import train
from gan_zoo.commands import startup
for line in sys.stdin:
    folder, *flags = line.rstrip("\\n").split("\\t")
    os.chdir(folder)
    sys.argv = ["train.py", *flags]
    code = startup.main(train.run)
    for stream in (sys.stdout, sys.stderr):
        print(f"\\0{code}", file=stream, flush=True)
"""


@pytest.fixture(scope="session")
def server():
    """A process that runs train.py's `run` once for each line, so that TensorFlow is imported only once."""
    process = subprocess.Popen([sys.executable, "-c", _SERVER, str(ROOT)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment())
    yield process
    process.stdin.close()
    process.wait(timeout=60)


@pytest.fixture
def train(server, tmp_path):
    """The same as train_in_a_process, in a process that is shared."""

    def run(*flags: str) -> subprocess.CompletedProcess:
        server.stdin.write("\t".join([str(tmp_path), *flags]) + "\n")
        server.stdin.flush()
        texts = []
        for stream in (server.stdout, server.stderr):
            lines = []
            while not (line := stream.readline()).startswith("\0"):
                assert line or server.poll() is None, "".join(lines)
                lines.append(line)
            texts.append("".join(lines))
        return subprocess.CompletedProcess(flags, int(line[1:]), *texts)

    return run
