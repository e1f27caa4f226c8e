"""gan-zoo train --seeds: as ordinary runs as any, that go on where they stopped, and are compared."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest

import gan_zoo
from gan_zoo.__main__ import run as shell
from gan_zoo.commands.flags import parse
from gan_zoo.commands.seeds import commands
from gan_zoo.comparison.finding import run_folders, short_names
from gan_zoo.comparison.reading import read_run
from gan_zoo.errors import RunStopped, UserError
from gan_zoo.training import loop, one_run
from gan_zoo.training.records import Records
from tests.helpers import saved_weights

GAME = ("--model=mlp", "--dataset=digits", "--image_size=8", "--batch_size=32", "--sample_count=4",
        "--latent=normal(4)", "--steps=8", "--rounds_per_call=4", "--evaluate_every_steps=4")


def _weights(folder: Path) -> dict[str, np.ndarray]:
    """Every tensor of the newest checkpoint, and the series of the checks."""
    newest = sorted((folder / "checkpoints").glob("step_*"))[-1]
    return saved_weights(folder) | dict(np.load(newest / "judged.npz"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(the folder of two seeds, what an interrupted and a repeated command printed, a run of seed 1 by itself)."""
    folder, said = tmp_path_factory.mktemp("seeds"), []
    shown = one_run.OneRun._show

    def interrupting(self):
        shown(self)
        if self.experiment.seed == 1:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("builtins.print", lambda *texts, **_: said.append(" ".join(map(str, texts))))
        for slow in ("draw", "finish"):  # curves, animations and exports, which are tested elsewhere
            patch.setattr(Records, slow, lambda *_: "")
        patch.setattr(one_run.OneRun, "_show", interrupting)
        assert shell(["train", *GAME, "--seeds=0,1"]) == 128 + signal.SIGINT
        assert json.loads(Path("runs/mlp_digits/seed_1/run.json").read_text())["step"] == 4
        patch.setattr(one_run.OneRun, "_show", shown)
        assert shell(["train", *GAME, "--seeds", "0,1"]) == 0
        assert shell(["train", *GAME, "--seed=1", "--run_dir=alone"]) == 0
    return folder / "runs" / "mlp_digits", said, folder / "alone"


def test_a_seed_has_the_bits_of_a_run_by_itself(trained):
    folder, _, alone = trained
    one, other = _weights(folder / "seed_1"), _weights(alone)
    assert one.keys() == other.keys()
    assert len(one) > 20
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    assert not np.array_equal(_weights(folder / "seed_0")["series/frechet"], one["series/frechet"])


def test_it_says_how_to_go_on_and_what_came_of_it(trained):
    folder, said, _ = trained
    records = [json.loads((folder / f"seed_{seed}" / "run.json").read_text()) for seed in (0, 1)]
    assert [record["status"] for record in records] == ["complete", "complete"]
    assert [record["flags"]["seed"] for record in records] == [0, 1]
    assert [text.strip() for text in said[:4]] == [
        "seed 0, 1 of 2:", "seed 1, 2 of 2:", "The same command again goes on with all of --seeds.", "seed 0, 1 of 2:"]
    best = [record["evaluation"]["best"]["frechet"] for record in records]
    summary = said[-1].strip().splitlines()
    assert summary[0].startswith("best frechet of 2 seeds, over real images': ")
    assert float(summary[0].split(": ")[1].split(" ±")[0]) == pytest.approx(np.mean(best), rel=0.05)
    assert summary[1] == "More: python -m gan_zoo.compare runs/mlp_digits --group"


def test_they_are_compared(trained, capsys, tmp_path):
    folder, _, alone = trained
    paths = run_folders([str(folder)])
    run = read_run(paths[1], short_names(paths)[1])
    assert (run.name, run.progress, run.status, run.images_per_round) == ("mlp_digits/seed_1", "8", "finished", 32)
    np.testing.assert_array_equal(run.series["step"], [4, 8])
    assert run.at(run.best["step"], "frechet") == pytest.approx(run.best["frechet"], abs=1e-4)
    assert run.grid.name == "step_00000008.png"
    shell(["compare", str(folder), "--group", f"--out={tmp_path}/out"])
    assert "mlp_digits  8 " in capsys.readouterr().out
    with pytest.raises(UserError, match=r"seed_1 and .*alone are one configuration with one --seed=1"):
        shell(["compare", str(folder), str(alone), "--group"])


def test_what_can_not_be_trained_is_told_before_anything_is(trained, monkeypatch):
    folder, _, alone = trained
    monkeypatch.setattr(loop, "train", lambda *_, **__: pytest.fail("it was trained"))
    for argv, message in [
            ([f"--run_dir={alone}", "--seeds=0,1"], "alone is a run by itself: name another folder for those of --se"),
            ([f"--run_dir={folder}", "--seeds=5,1", "--packing=2"], r"seed_1 was trained with --packing=1, not --pack"),
            ([f"--run_dir={alone}/run.json", "--seeds=0,1"], "run.json is a file")]:
        with pytest.raises(UserError, match=message):
            shell(["train", *GAME, *argv])
    assert {path.name for path in folder.iterdir()} == {"seed_0", "seed_1"}


@pytest.mark.parametrize(("argv", "message"), [
    (["--seed=3", "--seeds=0,1"], "--seed and --seeds exclude each other"),
    (["--seeds=0,x"], "--seeds=0,x must be whole numbers of at least 0, as in --seeds=0,1,2"),
    (["--seeds=0,-1"], "--seeds=0,-1 must be whole numbers"),
    (["--seeds="], "--seeds= must be whole numbers"),
    (["--seeds"], "--seeds needs a value"),
    (["--seeds=3"], "--seeds=3 is one seed: write --seed=3, or several"),
    (["--seeds=1, 2,1"], "has a seed twice"),
])
def test_mistakes(argv, message):
    with pytest.raises(UserError) as error:
        shell(["train", *argv])
    assert message in str(error.value)


def test_the_seed_of_a_flagfile_gives_way(tmp_path):
    (tmp_path / "run.flags").write_text("--seed=3\n--run_dir=elsewhere\n")
    command = parse([f"--flagfile={tmp_path}/run.flags", "--seeds=0, 12"])
    assert command.seeds == (0, 12)
    assert [(each.experiment.seed, each.experiment.run_dir) for each in commands(command)] == [
        (0, "elsewhere/seed_0"), (12, "elsewhere/seed_12")]


def test_a_run_that_stops_keeps_the_others_from_nothing(tmp_path, monkeypatch, capsys):
    begun = []

    def begin(command):
        begun.append(command.experiment.seed)
        raise RunStopped("no use\nany more")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gan_zoo.run, "begin", begin)
    assert shell(["train", "--seeds=4,2"]) == 1
    assert begun == [4, 2]
    assert capsys.readouterr().out.count("stopped: no use any more\n") == 2


def test_python_says_that_it_is_for_the_shell():
    with pytest.raises(UserError, match="seeds is for the shell: gan-zoo train --seeds=0,1,2; here call train"):
        gan_zoo.train("mlp", "digits", seeds=(0, 1))
