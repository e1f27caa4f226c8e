"""The outermost frame of a command: what its outcomes become, in a process of its own."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _python(code: str, *argv: str, **kwargs) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code, *argv], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False, **kwargs)


_MAIN = """
import sys
from gan_zoo.commands import startup
from gan_zoo.errors import RunStopped, UserError
def run(argv):
    if argv[0] == "user": raise UserError("--count=0:\\n  must be\\n\\n at least 1")
    if argv[0] == "stopped": raise RunStopped("loss is nan")
    if argv[0] == "bug": raise ValueError("ours")
    return {"none": None, "three": 3}[argv[0]]
sys.exit(startup.main(run))
"""


@pytest.mark.parametrize(("case", "code", "stderr"), [
    ("none", 0, ""), ("three", 3, ""), ("user", 2, "error: --count=0: must be at least 1\n"),
    ("stopped", 1, "stopped: loss is nan\n")])
def test_main_turns_outcomes_into_exit_codes(case, code, stderr):
    done = _python(_MAIN, case)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", stderr)


def test_keras_is_imported_without_what_no_command_uses(tmp_path):
    """Which is there for all others, and later; whether the real Keras gets along shows in all tests of commands."""
    keras = "try:\n    import sklearn\nexcept ImportError:\n    sklearn = 0\n"
    for name, text in {"sklearn": "", "keras": keras}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
    code = (f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom gan_zoo.commands import startup\n"
            "def run(argv):\n    import keras, sklearn\n    print(keras.sklearn, sklearn.__file__)\n"
            "sys.exit(startup.main(run))")
    done = _python(code)
    assert (done.stdout, done.stderr) == (f"0 {tmp_path / 'sklearn' / '__init__.py'}\n", "")


def test_main_keeps_the_traceback_of_our_own_faults():
    done = _python(_MAIN, "bug")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("ValueError: ours\n")


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_leaves_is_no_fault(lines):
    """Whether the output is written at once or held back until the end."""
    code = ("import sys\nfrom gan_zoo.commands import startup\n"
            f"sys.exit(startup.main(lambda argv: print('line\\n' * {lines})))")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE
    process.stderr.close()
