"""A run from its start to its export, and what may be done with it afterwards."""

import fcntl
import json
import re

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_zoo.commands import evaluate
from gan_zoo.drawing.class_grids import class_grid
from gan_zoo.export import read_metadata
from tests.cli.process import QUICK

RECORDS = ("run.flags", "run.json", "real.png", "samples/step_00000000.png", "curves.png", "progress.gif", "epochs.csv",
           "export/saved_model.pb")


def test_a_run_leaves_everything_behind(train_in_a_process, train, tmp_path):
    done = train_in_a_process(*QUICK, "--log_every_steps=10")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    run = tmp_path / "runs" / "mlp_digits"
    assert all((run / name).is_file() for name in RECORDS)
    for place in ("samples", "curves.png", "tensorboard --logdir", "export"):
        assert place in done.stdout
    record = json.loads((run / "run.json").read_text())
    assert record["status"] == "complete"
    assert record["step"] == record["flags"]["steps"] == 57  # 1,797 images in batches of 32
    assert record["images_per_s"] > 0
    assert {"tensorflow", "keras", "python"} <= record["versions"].keys()
    assert {"device", "seed", "started", "ended", "git_revision"} <= record.keys()
    _check_events(run)
    _check_again(train, tmp_path, run)


def _check_events(run) -> None:
    events = EventAccumulator(str(run), size_guidance={"tensors": 0})
    events.Reload()
    tags = set(events.Tags()["tensors"])
    wanted = {"loss/discriminator", "loss/generator", "accuracy/real", "accuracy/generated", "scores/real",
              "scores/generated", "gradients/discriminator_norm", "gradients/generator_norm", "speed/images_per_s",
              "samples", "real", "flags", "epoch/generator_loss"}
    assert wanted <= tags
    assert any(tag.startswith("weights/generator/") for tag in tags)
    assert [event.step for event in events.Tensors("loss/generator")] == [10, 20, 30, 40, 50, 57]


def _check_again(train, tmp_path, run) -> None:
    """The same again is complete; another seed is refused; more steps go on; run.flags replays to the same bits."""
    samples = (run / "samples" / "step_00000057.png").read_bytes()
    assert "is complete: 57 of 57 steps" in train(*QUICK).stdout
    refused = train(*QUICK, "--seed=3")
    assert refused.returncode == 2
    assert "--seed=0, not --seed=3" in refused.stderr
    replayed = train(f"--flagfile={run}/run.flags", "--run_dir=again")
    assert replayed.returncode == 0, replayed.stderr
    assert (tmp_path / "again" / "samples" / "step_00000057.png").read_bytes() == samples
    longer = train(*QUICK, "--steps=60", "--run_dir=runs/mlp_digits")
    assert longer.returncode == 0, longer.stderr
    assert "resumed at step 57" in longer.stdout
    assert json.loads((run / "run.json").read_text())["step"] == 60


def test_samples_are_drawn_by_the_exported_generator(train, tmp_path):
    assert train(*QUICK, "--run_dir=here", "--steps=3", "--generator_average=0.9").returncode == 0
    frames = sorted(path.name for path in (tmp_path / "here" / "samples").iterdir())
    assert frames == ["step_00000000.png", "step_00000003.png"]
    assert np.asarray(Image.open(tmp_path / "here" / "samples" / frames[-1])).std() > 0


def test_dry_run_writes_nothing(train, tmp_path):
    done = train("--model=maxout", "--dataset=digits", "--split=train", "--dry_run", "--packing=2", "--augment=flip",
                 "--spectral_norm", "--generator_average=half_life(500)", "--batch_size=100", "--epochs=2")
    assert done.returncode == 0, done.stderr
    for line in ("--objective=non_saturating", "--packing=2", "--augment=flip", "--spectral_norm=true", "--steps=36",
                 "--generator_average=half_life(500)"):
        assert line in done.stdout.splitlines()
    # By hand: 240 · 5 maxout units on 2 · 784 pixels and so on; u and v of spectral normalization are not trained.
    assert f"discriminator {1_231_441 + 784 * 240 * 5:,}" in done.stdout
    assert all(f'Model: "{name}"' in done.stdout for name in ("generator", "body", "score"))
    assert "1,797 images of 28x28x1" in done.stdout
    assert "length: 36 steps, 2.0 epochs" in done.stdout
    assert not list(tmp_path.iterdir())


def test_list_names_everything(train):
    done = train("--list")
    assert done.returncode == 0, done.stderr
    for kind in ("model", "objective", "divergence", "latent", "dataset", "metric", "augmentation", "schedule",
                 "average"):
        assert f"\n{kind}s:\n" in f"\n{done.stdout}"
    for name in ("dcgan(", "maxout(", "mlp(", "minimax(", "hinge(", "normal(", "digits", "folder", "adam",
                 "parzen(samples=10000", "kde(", "flip()", "affine(rotation=15.0", "translate(ratio=0.125)",
                 "cutout(ratio=0.5)", "color()",
                 "cosine(start, end, steps=None)", "linear(", "warm_up(value, steps)", "constant(value)",
                 "half_life(images, ramp=0.05)", "decay(decay)"):
        assert f"\n  {name}" in done.stdout or name == "adam"
    assert re.search(r"^optimizers .*:\n  .*\badam, ", done.stdout, re.MULTILINE)


def test_help_is_ours_first(train):
    done = train("--help")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("python train.py --model=NAME")
    assert "--discriminator_clip_value" in done.stdout


def test_a_run_is_not_shared_and_not_continued_on_other_data(train, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(0)
    for index in range(8):
        Image.fromarray(rng.integers(0, 255, (8, 8), np.uint8)).save(pictures / f"{index}.png")
    flags = ["--model=mlp", "--dataset=folder", "--batch_size=4", "--sample_count=4", "--run_dir=run"]
    assert train(*flags, f"--data_dir={pictures}", "--steps=2").returncode == 0
    pictures.rename(tmp_path / "moved")
    moved = train(*flags, f"--data_dir={tmp_path / 'moved'}", "--steps=4")
    assert moved.returncode == 0, moved.stderr
    assert "resumed at step 2" in moved.stdout
    with (tmp_path / "run" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        busy = train(*flags, f"--data_dir={tmp_path / 'moved'}", "--steps=6")
    assert busy.returncode == 2
    assert "in use by another process" in busy.stderr
    (tmp_path / "moved" / "3.png").unlink()
    other = train(*flags, f"--data_dir={tmp_path / 'moved'}", "--steps=6")
    assert other.returncode == 2
    assert "other images" in other.stderr


def test_a_run_on_points(train_in_a_process, train, tmp_path):
    """Its pictures are plots, which change; and its samples are numbers."""
    flags = ["--model=gaussian_1d", "--dataset=mixture_1d(weight=0.5, means=(4.0, 5.0), count=6400)", "--epochs=1",
             "--latent=normal(1)", "--batch_size=64", "--generator_optimizer=sgd(learning_rate=0.05)"]
    done = train_in_a_process(*flags)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "6,400 an epoch" in done.stdout
    run = tmp_path / "runs" / "gaussian_1d_mixture_1d"
    assert all((run / name).is_file() for name in RECORDS)
    frames = [np.asarray(Image.open(run / "samples" / f"step_{step:08d}.png")) for step in (0, 100)]
    assert frames[0].shape == np.asarray(Image.open(run / "real.png")).shape == (450, 800, 3)
    assert (frames[0] != frames[1]).any()
    with Image.open(run / "progress.gif") as gif:
        assert (gif.size, gif.n_frames) == ((800, 450), 2)
    refused = train(*flags, "--dataset=mixture_1d(weight=0.4)")
    assert refused.returncode == 2
    assert "--dataset=mixture_1d(weight=0.4)" in refused.stderr
    replayed = train("--flagfile=runs/gaussian_1d_mixture_1d/run.flags", "--run_dir=again")
    assert replayed.returncode == 0, replayed.stderr
    assert (tmp_path / "again" / "samples" / "step_00000100.png").read_bytes() == (
        run / "samples" / "step_00000100.png").read_bytes()


def test_codes_and_classes_are_shown_measured_and_exported(train, tmp_path):
    done = train(*QUICK, "--latent=noise(4) + categorical(3, name='digit') + uniform(1)", "--steps=4", "--run_dir=run",
                 "--objective=non_saturating + mutual_information + auxiliary_classifier", "--sample_every_steps=4",
                 "--conditional", "--classes=3,5", "--sample_count=8")
    assert done.returncode == 0, done.stderr
    assert "  I(digit) " in done.stdout
    assert "  class(real) " in done.stdout
    run = tmp_path / "run"
    for name in ("real.png", "samples/step_00000004.png"):
        assert np.asarray(Image.open(run / name)).shape == class_grid(np.zeros([8, 8, 8, 1], np.uint8), "35").shape[:2]
    classes = read_metadata(run / "export").classes
    assert (classes.trained, classes.count, classes.names[3]) == ((3, 5), 10, "3")
    for name in ("digit", "c2"):
        assert (run / "samples" / f"traversal_{name}_step_00000004.png").is_file()
    assert [path.name for path in run.glob("*.gif")].count("sweep_c2.gif") == 1
    assert (run / "samples" / "step_00000004.png").name in done.stdout
    evaluate.run([f"--run_dir={run}", "--metrics=codes(samples=100)"])
    results = json.loads((run / "metrics.json").read_text())["codes(samples=100)"]["results"]
    assert results["digit_confusion"].startswith("metrics_digit_confusion_")
    with Image.open(run / results["digit_confusion"]) as picture:
        assert picture.width > 100
    assert 0 <= results["digit_accuracy"] <= 1
    assert results["c2_verdict"] in ("used", "dead", "redundant")
