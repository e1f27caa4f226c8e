"""The Python call gives what the command gives: bits, refusals, records; and a run can be loaded in any state."""

import fcntl
import json
import shutil
import signal
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import gan_zoo
from gan_zoo.__main__ import run as shell
from gan_zoo.commands import evaluate as shell_evaluate
from gan_zoo.commands import export as shell_export
from gan_zoo.commands import sample as shell_sample
from gan_zoo.commands import ship as shell_ship
from gan_zoo.export import read_metadata
from gan_zoo.files import digests
from gan_zoo.training import one_run
from tests.browsers import BROWSER, opened
from tests.cli.process import run_alone
from tests.helpers import assert_like, assert_same_bits
from tests.undrawable import UNDRAWABLE, UNEXPORTABLE

# Dropout and an average, classes and codes: everything that a sample may be asked for.
GAME = {"model": "mlp(dropout=0.2)", "dataset": "digits", "image_size": 8, "batch_size": 32, "sample_count": 10,
        "latent": "noise(4) + categorical(3, name='digit') + uniform(1)", "conditional": True, "steps": 12,
        "objective": "non_saturating + mutual_information + auxiliary_classifier", "generator_average": 0.9,
        "rounds_per_call": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def in_a_thread(folder) -> gan_zoo.Run:
    """A round of another game, in another precision, outside the main thread."""
    runs = []
    flags = {"model": "mlp", "dataset": "digits", "image_size": 8, "latent": "normal(4)", "batch_size": 16, "steps": 1,
             "sample_count": 4, "precision": "float64"}
    thread = threading.Thread(target=lambda: runs.append(gan_zoo.train(**flags, run_dir=folder / "thread")))
    thread.start()
    thread.join()
    return runs[0]


@pytest.fixture(scope="module")
def run(folder, in_a_thread) -> gan_zoo.Run:
    """The game, trained to its end, after another run in this process."""
    return gan_zoo.train(**GAME, run_dir=folder / "run")


def _copy(run: gan_zoo.Run, name: str) -> Path:
    return Path(shutil.copytree(run.path, run.path.with_name(name)))


def test_a_run_ships_a_keras_file_a_page_with_its_codes_and_a_card(run):
    shell_ship.run([str(_copy(run, "shipped")), "--format=keras,html"])
    folder = run.path.with_name("shipped") / "ship"
    again, drawn = keras.saving.load_model(folder / "generator.keras", compile=False), run.model.draw(5, 3)
    images = again([drawn.noise, drawn.labels], training=False)
    wanted = run.model.signatures["serving_default"](noise=drawn.noise, label=drawn.labels)["images"]
    np.testing.assert_allclose(images, wanted, atol=1e-6)
    card = (folder / "model_card.md").read_text()
    for text in ("# shipped", "12 rounds in", "CPU, 1 replica", "--conditional=True", "categorical", "Verdict"):
        assert text in card
    page = (folder / "playground.html").read_text()
    model = json.loads(page.partition('id="model">')[2].partition("</script>")[0])
    assert [code["name"] for code in model["codes"]] == ["digit", "c2"]
    assert [prior["distribution"] for prior in model["noise"]] == ["uniform", "categorical", "uniform"]
    if BROWSER:
        seen = opened((folder / "playground.html").as_uri() + "#check")
        assert int(seen.partition('data-difference="')[2].partition('"')[0]) <= 3
        assert "<span>digit</span>" in seen


# Training


def test_the_command_alone_in_a_process_gives_the_same_bits(run, folder):
    done = run_alone(folder, *[f"--{name}={value}" for name, value in GAME.items()], "--run_dir=shell")
    assert done.returncode == 0, done.stderr
    assert_same_bits(run.path, folder / "shell")
    grid = f"samples/step_{GAME['steps']:08d}.png"
    assert (run.path / grid).read_bytes() == (folder / "shell" / grid).read_bytes()


def test_a_run_tells_what_it_is(run, folder, capsys):
    assert (run.path, run.step, run.experiment.steps) == (folder / "run", 12, 12)
    assert repr(run) == f"Run('{folder}/run', mlp(dropout=0.2) on digits, step 12)"
    assert {"discriminator_loss", "accuracy_real", "seconds"} < run.history.keys()
    assert all(len(series) == 12 for series in run.history.values())
    assert json.loads((run.path / "run.json").read_text())["command"][:2] == [
        "gan_zoo.train", "--model=mlp(dropout=0.2)"]
    run.show()
    assert capsys.readouterr().out == f"{run.path}/samples/step_00000012.png\n{run.verdict}\n"
    assert run.verdict.startswith("too early to tell: coverage is ")


def test_keras_is_afterwards_as_it_was(in_a_thread):
    keras.config.set_dtype_policy("mixed_bfloat16")
    loaded = gan_zoo.load(in_a_thread.path)
    assert loaded.generator.dtype_policy.name == "float64"
    np.testing.assert_array_equal(loaded.sample(2), in_a_thread.sample(2))
    assert (keras.config.dtype_policy().name, keras.config.floatx()) == ("mixed_bfloat16", "float32")


def test_the_same_call_again_is_complete_and_another_game_is_refused(run, capsys):
    again = gan_zoo.train(**GAME, run_dir=run.path)
    assert "is complete: 12 of 12 steps" in capsys.readouterr().out
    np.testing.assert_array_equal(again.sample(3, seed=1), run.sample(3, seed=1))
    with pytest.raises(gan_zoo.UserError, match="was trained with --seed=0, not --seed=1"):
        gan_zoo.train(**GAME, seed=1, run_dir=run.path)


@pytest.fixture(scope="module")
def interrupted(run, folder) -> Path:
    """The game, stopped by an interrupt after a call of rounds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_run.OneRun, "_show", lambda self: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            gan_zoo.train(**GAME, run_dir=folder / "interrupted")
    return folder / "interrupted"


def test_an_interrupt_saves_and_the_run_resumes_to_the_same_bits(run, interrupted, tmp_path, capsys):
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert json.loads((interrupted / "run.json").read_text())["status"] == "interrupted"
    resumed = gan_zoo.train(**GAME, run_dir=shutil.copytree(interrupted, tmp_path / "resumed"))
    assert "resumed at step" in capsys.readouterr().out
    assert resumed.step == 12
    assert_same_bits(run.path, tmp_path / "resumed")


def test_it_trains_outside_the_main_thread_too(in_a_thread):
    assert in_a_thread.step == 1
    assert (in_a_thread.path / "export").is_dir()


# Loading


def test_a_complete_run_is_loaded(run):
    loaded = gan_zoo.load(run.path)
    assert_like(loaded, run)
    for ours, theirs in zip(loaded.generator.get_weights(), run.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(loaded.history["generator_loss"], run.history["generator_loss"])


def test_an_unfinished_run_is_loaded_at_its_checkpoint(run, interrupted):
    loaded = gan_zoo.load(interrupted)
    assert not (interrupted / "export").exists()
    assert 0 < loaded.step < 12
    assert len(loaded.history["generator_loss"]) == loaded.step
    assert loaded.sample(2).shape == (2, 8, 8, 1)
    assert (loaded.sample(8) != run.sample(8)).any()


def test_a_run_without_checkpoints_is_loaded_at_its_export(run):
    path = _copy(run, "export_only")
    shutil.rmtree(path / "checkpoints")
    loaded = gan_zoo.load(path)
    assert_like(loaded, run)
    with pytest.raises(gan_zoo.UserError, match=r"no Keras model.*tf\.saved_model\.load\('.*/export'\)"):
        _ = loaded.generator


def test_a_run_of_another_version_is_loaded_at_its_export(run):
    path = _copy(run, "old")
    record = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(record | {"format": 1}))
    loaded = gan_zoo.load(path)
    assert_like(loaded, run)
    assert loaded.history == {}


def test_a_run_whose_data_are_gone_is_loaded_at_its_export(run):
    path = _copy(run, "moved")
    record = json.loads((path / "run.json").read_text())
    record["flags"] |= {"dataset": "folder", "data_dir": "/no/such/pictures"}
    (path / "run.json").write_text(json.dumps(record))
    assert_like(gan_zoo.load(path), run)
    (path / "run.json").write_text(json.dumps(record | {"status": "interrupted"}))  # and has gone on since
    with pytest.raises(gan_zoo.UserError, match="--data_dir=/no/such/pictures"):
        gan_zoo.load(path)
    (path / "run.json").write_text(json.dumps(record))
    shutil.rmtree(path / "export")
    with pytest.raises(gan_zoo.UserError, match="--data_dir=/no/such/pictures"):
        gan_zoo.load(path)


def test_what_is_no_run_is_told(tmp_path):
    with pytest.raises(gan_zoo.UserError, match=f"run_dir={tmp_path} holds no run.json.*of gan-zoo train"):
        gan_zoo.load(tmp_path)


# Exporting


def test_a_run_that_goes_on_is_exported_and_sampled_at_a_checkpoint(run, interrupted, tmp_path, capsys):
    """Another process holds it; it has an average, classes and codes. Nothing but its own export is replaced."""
    before = digests(interrupted)
    with (interrupted / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not shell(["export", str(interrupted)])
    said, _, place = capsys.readouterr().out.strip().partition(": ")
    loaded = gan_zoo.load(interrupted)
    about = read_metadata(place)
    assert (said, place) == (f"step {loaded.step}", f"{interrupted}/export_step_{loaded.step:08d}")
    assert about.metadata == {"flags": loaded.experiment.values(), "step": loaded.step}
    saved = tf.saved_model.load(place)
    exported = saved.generate(num_images=6, seed=5)["images"].numpy()
    np.testing.assert_array_equal(exported, loaded.sample(6, seed=5))
    assert {name: of for name, of in digests(interrupted).items() if not name.startswith("export_")} == before
    shell_sample.run([f"--run_dir={interrupted}", f"--checkpoint={loaded.step}", "--count=6", "--seed=5",
                      f"--out={tmp_path / 'images'}"])
    drawn = np.stack([np.asarray(Image.open(file)) for file in sorted((tmp_path / "images").iterdir())])
    np.testing.assert_array_equal(drawn[..., np.newaxis], exported)

    other = _copy(run, "other_seed")
    record = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(record | {"flags": record["flags"] | {"seed": 1}}))
    for path, out, message in ((other, place, "an export of another run .--seed=0, here 1.: name another"),
                               (run.path, run.path / "export", "where the training of .* writes its own export"),
                               (run.path, tmp_path / "images", "holds other files, and no export"),
                               (run.path, tmp_path / "images" / "000000.png", "is a file")):
        with pytest.raises(gan_zoo.UserError, match=f"--out={out}.*{message}"):
            shell(["export", str(path), f"--out={out}"])
    shell_export.check_out(Path(place), run.path)  # of the same game
    shutil.rmtree(place)


@pytest.mark.parametrize(("argv", "message"), UNEXPORTABLE)
def test_what_can_not_be_exported_or_sampled_is_told(run, folder, argv, message):
    with pytest.raises(gan_zoo.UserError, match=message):
        shell([text.replace("RUNS", str(folder)) for text in argv])


# Sampling and measuring


def _drawn_by_the_shell(run: gan_zoo.Run, out: Path, *flags: str) -> np.ndarray:
    shell_sample.run([f"--saved_model={run.path / 'export'}", f"--out={out}", "--seed=3", *flags])
    return np.stack([np.asarray(Image.open(file)) for file in sorted(out.iterdir())])[..., np.newaxis]


@pytest.mark.parametrize(("asked", "flags"), [
    ({"count": 5}, ["--count=5"]),
    ({"count": 2, "label": "each"}, ["--label=each", "--columns=2"]),
    ({"count": 3, "label": 7, "codes": {"digit": 2, "c2": -0.5}},
     ["--count=3", "--label=7", "--codes=digit=2,c2=-0.5"]),
    ({"count": 3, "truncation": 0.5}, ["--count=3", "--truncation=0.5"])], ids=["drawn", "each class", "codes", "near"])
def test_samples_are_those_of_the_command(run, tmp_path, asked, flags):
    images = run.sample(**asked, seed=3)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, _drawn_by_the_shell(run, tmp_path / "out", *flags))


def test_noise_of_ones_own_is_decoded_and_truncated_noise_is_other_noise(run):
    size = run.model.description.latent_size
    noise = run.model.draw(4, 3).noise
    assert noise.shape == (4, size)
    np.testing.assert_array_equal(run.sample(latents=noise, seed=3), run.sample(4, seed=3))
    assert (run.sample(4, seed=3, truncation=0.1) != run.sample(4, seed=3)).any()


def test_integers_of_numpy_are_integers(run):
    np.testing.assert_array_equal(run.sample(np.int64(2), np.uint8(7), label=np.int32(4)), run.sample(2, 7, label=4))


@pytest.mark.parametrize(("asked", "message"), UNDRAWABLE)
def test_what_can_not_be_drawn_is_told(run, asked, message):
    with pytest.raises(gan_zoo.UserError, match=message):
        run.sample(**{"count": 2} | asked)


def test_measured_as_by_the_command(run):
    results = run.evaluate("parzen(samples=64)", seed=2)
    record = json.loads((run.path / "metrics.json").read_text())
    shell_evaluate.run([f"--run_dir={run.path}", "--metrics=parzen(samples=64)", "--seed=2"])
    again = json.loads((run.path / "metrics.json").read_text())
    for kept in (record, again):
        assert kept["parzen(samples=64)"]["results"] == results["parzen(samples=64)"]
        assert kept["parzen(samples=64)"]["provenance"]["step"] == 12
    with pytest.raises(gan_zoo.UserError, match="seed must be a number"):
        run.evaluate("parzen", seed=2**40)
