"""train.py as a user runs it: processes of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A game that trains in a moment; flags given after it override.
QUICK = ("--model=mlp", "--dataset=digits", "--image_size=8", "--batch_size=32", "--sample_count=4",
         "--latent=normal(8)", "--epochs=1")


def command(*flags: str) -> list[str]:
    """What starts train.py with these flags."""
    return [sys.executable, str(ROOT / "train.py"), *flags]


def environment() -> dict[str, str]:
    """That of this process, without what quietens TensorFlow in tests."""
    return {key: value for key, value in os.environ.items() if not key.startswith("TF_")}


def run_alone(folder: Path, *flags: str) -> subprocess.CompletedProcess:
    """Runs train.py in `folder`, in a process of its own."""
    return subprocess.run(command(*flags), cwd=folder, text=True, capture_output=True, timeout=300, env=environment())


_SERVER = """
import importlib, json, os, sys
sys.path.insert(0, sys.argv[1])
sys.modules.update(dict.fromkeys(sys.argv[2:]))  # can't be imported
from gan_zoo.commands import startup
for line in sys.stdin:
    folder, module, *flags = json.loads(line)
    os.chdir(folder)
    sys.argv = ["train.py", *flags]
    code = startup.main(importlib.import_module(f"gan_zoo.{module}").run)
    for stream in (sys.stdout, sys.stderr):
        print(f"\\0{code}", file=stream, flush=True)
"""


class Server:
    """A process that does what train.py does once for each call, so that TensorFlow is imported only once.

    without: packages that it can't import.
    """

    def __init__(self, *without: str):
        self._process = subprocess.Popen([sys.executable, "-c", _SERVER, str(ROOT), *without], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())

    def run(self, folder: Path, *flags: str, module: str = "commands.train") -> subprocess.CompletedProcess:
        """Runs it in `folder`, or another command: its module in gan_zoo."""
        self._process.stdin.write(json.dumps([str(folder), module, *flags]) + "\n")
        self._process.stdin.flush()
        (out, code), (error, _) = self._answer(self._process.stdout), self._answer(self._process.stderr)
        return subprocess.CompletedProcess(flags, code, out, error)

    def _answer(self, stream) -> tuple[str, int]:
        """The text up to the mark that ends a call, and the exit code beside that mark."""
        lines = []
        while not (line := stream.readline()).startswith("\0"):
            assert line or self._process.poll() is None, "".join(lines)
            lines.append(line)
        return "".join(lines), int(line[1:])

    def close(self) -> None:
        """Ends the process."""
        self._process.stdin.close()
        self._process.wait(timeout=60)
