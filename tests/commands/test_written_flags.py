"""An Experiment is written as flags, and these are the same Experiment."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gan_zoo.commands import flags as command_line
from gan_zoo.experiment import DEFAULT_EPOCHS, Experiment
from gan_zoo.training.run_directory import RunDirectory


def _clips(player):
    names = [f"{player}_clip_{kind}" for kind in ("value", "norm", "global_norm")]
    bound = st.floats(1e-6, 1e6)
    return st.one_of(st.just({}), *(st.fixed_dictionaries({name: bound}) for name in names))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20).map(
    lambda text: " ".join(text.splitlines()).strip())
PATHS = TEXTS.filter(lambda text: not text.startswith("~")).map(lambda text: text or None)
EXPERIMENTS = st.builds(
    lambda *parts: Experiment(**{key: value for part in parts for key, value in part.items()}),
    st.one_of(st.fixed_dictionaries({"steps": st.integers(1, 10**9)}),
              st.fixed_dictionaries({"epochs": st.floats(1e-3, 1e6)})),
    _clips("discriminator"), _clips("generator"),
    st.fixed_dictionaries({"update": st.just("alternating"), "same_noise": st.booleans()}),
    st.fixed_dictionaries({}, optional={
        "model": TEXTS.map(lambda text: f"toy({text!r})"), "objective": TEXTS, "split": TEXTS, "dataset": TEXTS,
        "data_dir": PATHS, "classes": st.none() | st.just("0,3"),
        "run_dir": PATHS, "image_size": st.none() | st.integers(1, 512),
        "download": st.booleans(), "jit_compile": st.booleans(), "seed": st.integers(0, 2**70),
        "generator_average": st.floats(1e-9, 0.999999) | st.sampled_from([0.0, "half_life(500_000)"]),
        "packing": st.integers(1, 8),
        "instance_noise": st.floats(1e-9, 10) | st.sampled_from([0.0, "linear(0.5, 0)"]),
        "augment": st.none() | st.just("flip + cutout"),
        "spectral_norm": st.booleans(), "discriminator_weight_clip": st.none() | st.floats(1e-6, 1.0),
        "precision": st.sampled_from(["float32", "mixed_bfloat16", "float64"]), "resident_mib": st.integers(0, 10**6)}))


@settings(max_examples=50)
@given(experiment=EXPERIMENTS)
def test_flags_written_and_read_are_the_same_experiment(tmp_path_factory, experiment):
    """Whatever the recipes say, on the command line and in a file."""
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "toy.flags").write_text("--classes=7\n--discriminator_clip_value=3\n--generator_clip_norm=3\n--steps=7\n"
                                      "--data_dir=d\n--same_noise\n--update=alternating\n--nodownload\n--split=s\n")
    lines = experiment.to_flags()
    assert command_line.parse(lines, folder).experiment == experiment
    file = folder / "run.flags"
    file.write_text("\n".join(["# This run again", *lines, ""]))
    assert command_line.parse([f"--flagfile={file}"], folder).experiment == experiment


def test_the_default_length_is_written_out(tmp_path):
    """As the recipe may have another."""
    (tmp_path / "dcgan.flags").write_text("--steps=7\n")
    found = command_line.parse(Experiment().to_flags(), tmp_path).experiment
    assert (found.steps, found.epochs) == (None, DEFAULT_EPOCHS)


def test_the_files_of_a_run_are_read_back(tmp_path):
    run = RunDirectory(str(tmp_path / "run"))
    experiment = command_line.parse(["--model=mlp(\n  dropout=0.5)", "--classes=0,3", "--epochs=2",
                                     f"--run_dir={run.path}"], tmp_path).experiment
    run.claim()
    run.begin(experiment, {})
    assert command_line.parse([f"--flagfile={run.flags}"], tmp_path).experiment == experiment
