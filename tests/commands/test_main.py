"""`python -m gan_zoo COMMAND`: every command is found, and a wrong one is told."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from gan_zoo.__main__ import COMMANDS, run
from gan_zoo.errors import UserError

ROOT = Path(__file__).parents[2]


def _process(*argv: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "gan_zoo", *argv], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_its_help(name, capsys):
    assert not run([name, "--help"])
    assert len(capsys.readouterr().out.splitlines()) > 2


def test_help_comes_at_once():
    """No text waits for TensorFlow or matplotlib, seconds, and that of train not even for NumPy and absl."""
    code = ("import sys\nfrom gan_zoo.__main__ import COMMANDS, run\n"
            "for name in COMMANDS:\n"
            "    assert not run([name, '--help'])\n"
            "    heavy = {'tensorflow', 'keras', 'matplotlib', *(('numpy', 'absl') if name == 'train' else ())}\n"
            "    print(name, sorted(heavy & set(sys.modules)), file=sys.stderr)\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert next(iter(COMMANDS)) == "train"  # what another has imported would tell nothing of it
    assert done.stderr.splitlines() == [f"{name} []" for name in COMMANDS]


@pytest.mark.parametrize("name", COMMANDS)
def test_its_arguments_reach_a_command(name, monkeypatch):
    given = []
    module = import_module(f"gan_zoo.commands.{COMMANDS[name][0]}")
    monkeypatch.setattr(module, "run", lambda argv: given.append(argv) or 7)
    assert run([name, "--a=b", "c"]) == 7
    assert given == [["--a=b", "c"]]


@pytest.mark.parametrize(("argv", "message"), [
    ([], f"name a command: {', '.join(COMMANDS)}"),
    (["trian", "--model=mlp"], "unknown command 'trian': did you mean 'train'"),
    (["--model=mlp"], f"unknown command '--model=mlp': choices: {', '.join(sorted(COMMANDS))}"),
    (["check"], "name a run's folder, as in gan-zoo check"),
    (["replay"], "name one run, as in gan-zoo replay"),
    (["export"], "name one run, as in gan-zoo export"),
    (["list", "models"], "'models': gan-zoo list takes no arguments"),
    (["train", "--model=dcgna"], "--model=dcgna: unknown model"),
    (["train", "--stepz=3"], "unknown flag --stepz"),
    (["sample"], "--saved_model is missing"),
    (["evaluate"], "name a run, as in --run_dir="),
    (["compare"], "name the runs, as in gan-zoo compare runs/ONE"),
    (["doctor"], "name a folder of pictures, as in --data_dir="),
    (["classifier"], "name the data, as in --dataset=mnist"),
])
def test_mistakes(argv, message):
    with pytest.raises(UserError) as error:
        run(argv)
    assert message in str(error.value)


def test_as_a_user_sees_it():
    shown, wrong, missing = _process("--help"), _process("trian"), _process()
    assert (shown.returncode, shown.stderr) == (0, "")
    assert all(f"\n  {name} " in shown.stdout for name in COMMANDS)
    for done in (wrong, missing):
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1


def test_a_checkpoint_that_is_gone_can_not_be_played_again(tmp_path):
    (tmp_path / "post_mortem.json").write_text('{"step": 7, "checkpoint": "step_00000004"}')
    with pytest.raises(UserError, match=r"holds step_00000004 no more.*--keep_checkpoints"):
        run(["replay", str(tmp_path)])
