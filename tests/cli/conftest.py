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
def train(tmp_path):
    """Runs train.py in an empty folder with the given flags; returns the finished process."""

    def run(*flags: str) -> subprocess.CompletedProcess:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        return subprocess.run(command(*flags), cwd=tmp_path, text=True, capture_output=True, timeout=300,
                              env=environment)

    return run


_ROUND_TRIP = """
import os, sys
sys.path.insert(0, sys.argv[1])
import train
from gan_zoo import startup
for line in sys.stdin:
    folder, *flags = line.rstrip("\\n").split("\\t")
    os.chdir(folder)
    sys.argv = ["train.py", *flags]
    code = startup.main(train.run)
    sys.stderr.flush()
    print(f"\\0{code}", file=sys.stderr, flush=True)
"""


@pytest.fixture(scope="session")
def server():
    """A process that runs train.py's `run` once for each line, so that TensorFlow is imported only once."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    process = subprocess.Popen([sys.executable, "-c", _ROUND_TRIP, str(ROOT)], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
    yield process
    process.stdin.close()
    process.wait(timeout=60)


@pytest.fixture
def run_in_process(server, tmp_path):
    """(exit code, standard error) of train.py with the given flags, in an empty folder."""

    def run(*flags: str) -> tuple[int, str]:
        server.stdin.write("\t".join([str(tmp_path), *flags]) + "\n")
        server.stdin.flush()
        lines = []
        while not (line := server.stderr.readline()).startswith("\0"):
            assert line or server.poll() is None, "".join(lines)
            lines.append(line)
        return int(line[1:]), "".join(lines)

    return run
