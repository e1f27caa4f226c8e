"""Kill it anywhere: it resumes, and ends with the same bits."""

import json
import os
import re
import signal
import subprocess
import time

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.commands import check, replay
from gan_zoo.errors import UserError
from tests.cli.process import QUICK, command
from tests.conformance import cases
from tests.helpers import saved_weights

HALF, FULL = 20, 40


# With all that may change over a run, or that a checkpoint has to hold beside the weights: batch norm, momenta, an
# average, spectral norm's vectors, codes, classes and the series of checks. That a checkpoint holds the whole of every
# model is tested without processes, in tests/conformance.
KILLED = "dcgan"


def _flags(run_dir: str) -> list[str]:
    """Batch norm and momenta are at work; checkpoints every ten rounds."""
    of = cases.case(KILLED)
    flags = {"model": cases.spec(KILLED), **of.data, "latent": of.latent, "batch_size": 32, "sample_count": 4,
             "steps": FULL, "checkpoint_every_steps": 10, "evaluate_every_steps": 20, "rounds_per_call": 1,
             "generator_average": 0.9, "objective": of.objective("non_saturating"), "run_dir": run_dir}
    flags |= {flag: value for flag, value in cases.seen(KILLED).items() if flag in cases.SEEN}
    flags["discriminator_optimizer"] = "adam(learning_rate=cosine(1e-3, 1e-5), beta_1=0.5)"
    return [f"--{flag}={value}" for flag, value in flags.items() if value is not None]


def _judged(run) -> dict[str, np.ndarray]:
    """What the newest checkpoint holds of the checks."""
    with np.load(sorted((run / "checkpoints").glob("step_*"))[-1] / "judged.npz") as file:
        return dict(file)


def _kill_after(flags: list[str], folder, number: signal.Signals, ready) -> subprocess.CompletedProcess:
    """Starts train.py and sends it a signal as soon as `ready()` is true."""
    process = subprocess.Popen(command(*flags), cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 200
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, number)
    out, error = process.communicate(timeout=100)
    return subprocess.CompletedProcess(flags, process.returncode, out, error)


def test_killed_and_resumed_ends_with_the_same_bits(train, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert train(*_flags("whole")).returncode == 0
    half = broken / "checkpoints" / f"step_{HALF:08d}"
    killed = _kill_after(_flags("broken"), tmp_path, signal.SIGKILL, half.is_dir)
    assert killed.returncode == -signal.SIGKILL
    assert not (broken / "export").exists(), "killed too late to tell anything"
    resumed = train(*_flags("broken"))
    assert resumed.returncode == 0, resumed.stderr
    assert "resumed at step" in resumed.stdout
    one, other = saved_weights(whole), saved_weights(broken)
    assert one.keys() == other.keys()
    assert len(one) > 10
    for tensor in one:
        np.testing.assert_array_equal(one[tensor], other[tensor], err_msg=tensor)
    assert any("/u/" in tensor for tensor in one)  # of spectral normalization
    for tensor, value in _judged(whole).items():  # checks, and the best generator so far
        np.testing.assert_array_equal(_judged(broken)[tensor], value, err_msg=tensor)
    assert len(_judged(whole)["series/frechet"]) == FULL // 20
    last = f"samples/step_{FULL:08d}.png"
    assert (whole / last).read_bytes() == (broken / last).read_bytes()


def test_sigterm_and_ctrl_c_save_and_say_how_to_go_on(train, tmp_path):
    """One after the other, to the same run."""
    run = tmp_path / "run"
    flags = [*QUICK, "--steps=1000000", "--run_dir=run", "--checkpoint_every_steps=1000000",
             "--sample_every_steps=200"]
    step = 0
    for number in (signal.SIGTERM, signal.SIGINT):
        next_grid = run / "samples" / f"step_{(step // 200 + 1) * 200:08d}.png"
        stopped = _kill_after(flags, tmp_path, number, next_grid.is_file)
        assert stopped.returncode == 128 + number
        assert f"{number.name}: saved at step" in stopped.stdout
        assert "python train.py --flagfile=run/run.flags" in stopped.stdout
        assert f"resumed at step {step:,}" in stopped.stdout or not step
        step = json.loads((run / "run.json").read_text())["step"]
    resumed = train("--flagfile=run/run.flags", f"--steps={step + 10}")
    assert resumed.returncode == 0, resumed.stderr
    assert f"resumed at step {step:,}" in resumed.stdout


def test_not_a_number_stops_the_run_and_keeps_the_last_good_checkpoint(train, tmp_path, capsys):
    diverging = train(*QUICK, "--steps=50", "--run_dir=wild", "--checkpoint_every_steps=1", "--rounds_per_call=1",
                      "--objective=least_squares", "--discriminator_optimizer=sgd(learning_rate=3)",
                      "--generator_optimizer=sgd(learning_rate=3)")
    assert diverging.returncode == 3, diverging.stdout
    assert len(diverging.stderr.strip().splitlines()) == 1, diverging.stderr
    assert "at step" in diverging.stderr
    assert "Last good checkpoint" in diverging.stderr
    for path in (tmp_path / "wild" / "checkpoints").glob("step_*"):
        reader = tf.train.load_checkpoint(str(path / "state"))
        for name in reader.get_variable_to_shape_map():
            if name != "_CHECKPOINTABLE_OBJECT_GRAPH":
                assert np.isfinite(reader.get_tensor(name)).all(), name
    assert json.loads((tmp_path / "wild" / "run.json").read_text())["status"] == "stopped"
    # The round comes out again as it did, and the run's own files are in order.
    step = json.loads((tmp_path / "wild" / "post_mortem.json").read_text())["step"]
    assert replay.run([str(tmp_path / "wild"), "--rounds=2"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[-1].startswith("the first that is not finite: ")
    assert shown[-1].removeprefix("the first that is not finite: ") in diverging.stderr
    assert shown[-2].startswith(f"step {step}  discriminator_loss ")
    assert check.run([str(tmp_path / "wild")]) == 0
    assert "whole, step" in capsys.readouterr().out
    with pytest.raises(UserError, match="no number was found that is not finite"):
        replay.run([str(tmp_path)])


def test_a_bound_that_is_not_finite_is_named(train):
    diverging = train(*QUICK, "--steps=50", "--run_dir=unbounded", '--objective=f_divergence("hellinger")',
                      "--update=simultaneous", "--nosame_noise", "--discriminator_optimizer=sgd(learning_rate=10)")
    assert diverging.returncode == 3, diverging.stdout
    assert re.match(r'stopped: divergence estimate \(F\) of f_divergence\("hellinger"\) is -?(inf|nan) at step \d+\.',
                    diverging.stderr)
    assert "clip gradients" in diverging.stderr


def test_a_damaged_newest_checkpoint_is_passed_over(train, tmp_path):
    flags = [*QUICK, "--run_dir=run", "--checkpoint_every_steps=20", "--steps=40"]
    assert train(*flags).returncode == 0
    good = saved_weights(tmp_path / "run")
    data = tmp_path / "run" / "checkpoints" / "step_00000040" / "state.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    again = train(*flags, "--steps=41")
    assert again.returncode == 0, again.stderr
    assert "step_00000040 is damaged" in again.stderr
    assert "resumed at step 20" in again.stdout
    # rounds 20 to 40 came out as before, whatever the call that played them
    history = np.load(tmp_path / "run" / "checkpoints" / "step_00000041" / "history.npz")
    assert len(history["generator_loss"]) == 41
    rebuilt = tf.train.load_checkpoint(str(tmp_path / "run" / "checkpoints" / "step_00000040" / "state"))
    for name, value in good.items():
        np.testing.assert_array_equal(rebuilt.get_tensor(name), value, err_msg=name)
