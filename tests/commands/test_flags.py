"""From arguments to an Experiment: what overrides what, and what a mistake is told."""

from pathlib import Path

import pytest

from gan_zoo.commands import flags as command_line
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment


@pytest.fixture
def configs(tmp_path):
    folder = tmp_path / "configs"
    folder.mkdir()
    return folder


@pytest.fixture
def parse(configs):
    """Parses with the temporary folder's recipes; a text of arguments is split at blanks."""
    return lambda text: command_line.parse(text.split() if isinstance(text, str) else text, configs).experiment


def test_an_installed_zoos_recipes_go_by_their_names_in_the_repository(parse, configs, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (configs / "toy.flags").write_text("--seed=3\n")
    assert parse("--flagfile=configs/toy.flags").seed == 3
    (tmp_path / "elsewhere" / "configs").mkdir()
    (tmp_path / "elsewhere" / "configs" / "toy.flags").write_text("--seed=4\n")
    assert parse("--flagfile=configs/toy.flags").seed == 4  # the user's own goes first
    assert "no such file" in _error(parse, "--flagfile=toy.flags")


def test_the_zoos_own_recipes_are_the_default():
    assert command_line.parse(["--model=dcgan", "--dataset=digits"]).experiment.batch_size == 32


def _error(parse, arguments) -> str:
    with pytest.raises(UserError) as error:
        parse(arguments)
    return str(error.value)


def test_no_argument_gives_the_defaults(parse):
    assert parse("") == Experiment()


def test_flags_override_a_flagfile_which_overrides_the_recipe(parse, configs, tmp_path):
    (configs / "toy.flags").write_text("--batch_size=1\n--seed=1\n--split=a\n")
    (configs / "toy_data.flags").write_text("--seed=2\n--split=b\n")
    file = tmp_path / "mine.flags"
    file.write_text("--split=c\n")
    found = parse(f"--model=toy(3) --dataset=data --flagfile={file}")
    assert (found.batch_size, found.seed, found.split) == (1, 2, "c")
    assert parse(f"--model=toy --dataset=data --flagfile={file} --split=d").split == "d"
    assert parse(f"--model=toy --dataset=data --split=d --flagfile={file}").split == "c"
    assert parse(f"--split=d --flagfile={file} --dataset=data --model=toy").seed == 2
    assert parse(f"--model=toy --flagfile={file}").seed == 1
    assert parse("--dataset=data").seed == 0


def test_the_recipe_is_that_of_the_last_model(parse, configs, tmp_path):
    (configs / "toy.flags").write_text("--batch_size=1\n")
    (configs / "other.flags").write_text("--batch_size=2\n--dataset=data\n")
    (configs / "other_data.flags").write_text("--seed=5\n")
    file = tmp_path / "mine.flags"
    file.write_text("--model=other(width=2)\n")
    assert parse("--model=other --model=toy").batch_size == 1
    assert parse(f"--flagfile={file}").batch_size == 2
    assert parse(f"--flagfile={file}").seed == 5  # the recipe's own dataset counts
    assert parse(f"--flagfile={file} --dataset=mnist").seed == 0
    assert parse(f"--flagfile={file} --model=toy").batch_size == 1


def test_the_default_model_has_its_recipe_too(parse, configs):
    (configs / "dcgan.flags").write_text("--batch_size=7\n")
    assert parse("").batch_size == 7
    assert parse("--model=mlp").batch_size == 128


@pytest.mark.parametrize("dataset", [
    "data", "data()", "data(weight=0.5, means=(-1.0, 2.0))", "data (path='a/b:c')", "data(half"])
def test_a_datasets_arguments_do_not_hide_its_recipe(configs, dataset):
    (configs / "toy_data.flags").write_text("--seed=2\n")
    command = command_line.parse(["--model=toy", f"--dataset={dataset}", "--steps=3"], configs)
    assert (command.experiment.seed, command.name) == (2, "toy_data")
    assert command.experiment.dataset == dataset
    again = command_line.parse(command.experiment.to_flags(), configs)
    assert again.experiment == command.experiment


@pytest.mark.parametrize(("arguments", "steps", "epochs"), [
    ("", None, None), ("--steps=5", 5, None), ("--epochs=0.5", None, 0.5), ("--steps=5 --epochs=2", None, 2.0),
    ("--epochs=2 --steps=5", 5, None), ("--steps=5 --seed=1 --steps=6", 6, None)])
def test_of_steps_and_epochs_the_last_counts(parse, arguments, steps, epochs):
    found = parse(arguments)
    assert (found.steps, found.epochs) == (steps, epochs)


def test_a_recipes_length_is_overridden_by_the_other_kind(parse, configs):
    (configs / "dcgan.flags").write_text("--steps=1000\n")
    assert (parse("").steps, parse("").epochs) == (1000, None)
    assert (parse("--epochs=3").steps, parse("--epochs=3").epochs) == (None, 3)


@pytest.mark.parametrize("arguments", [
    ["--batch_size=7"], ["-batch_size=7"], ["--batch_size", "7"], ["--batch_size=9", "--batch_size=7"]])
def test_forms_of_a_flag(parse, arguments):
    assert parse(arguments).batch_size == 7


def test_values_keep_their_text(parse):
    spec = "mlp(generator=[None, 20, None], output='tanh')"
    assert parse([f"--model={spec}"]).model == spec
    assert parse(["--model", spec]).model == spec
    assert parse(["--run_dir=a=b c"]).run_dir == "a=b c"
    assert parse(["--model=mlp(\n  dropout=0.5,\n)\n"]).model == "mlp(   dropout=0.5, )"  # one line, as in a file


@pytest.mark.parametrize(("argument", "value"), [
    ("--download", True), ("--download=true", True), ("--download=1", True), ("--nodownload", False),
    ("--download=false", False), ("--download=0", False), ("--download --nodownload", False),
    ("--nodownload --download", True)])
def test_booleans(parse, argument, value):
    assert parse(argument).download is value


@pytest.mark.parametrize(("argument", "name"), [
    ("--data_dir=", "data_dir"), ("--classes=", "classes"),
    ("--discriminator_clip_value=0", "discriminator_clip_value"),
    ("--generator_clip_global_norm=0.0", "generator_clip_global_norm")])
def test_what_unsets_a_recipes_value(parse, configs, argument, name):
    (configs / "dcgan.flags").write_text(f"--{name}=3\n")
    assert getattr(parse(""), name) in (3, "3")
    assert getattr(parse(argument), name) is None


def test_flagfiles(parse, tmp_path):
    """Comments and blanks are skipped; a nested file is found beside the one that names it, and read in place."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "outer.flags").write_text(
        "# a comment\n\n  // another\n  --seed=1  \n--flagfile=sub/inner.flags\n-batch_size=3\n")
    (tmp_path / "sub" / "inner.flags").write_text("--seed=2\n--batch_size=2\n--nodownload\n--flagfile=leaf.flags\n")
    (tmp_path / "sub" / "leaf.flags").write_text("--split=leaf\n--model=mlp(hidden='a b')")
    found = parse(["--flagfile", str(tmp_path / "outer.flags")])
    assert (found.seed, found.batch_size, found.download, found.split) == (2, 3, False, "leaf")
    assert found.model == "mlp(hidden='a b')"


def test_a_file_may_be_read_twice_but_not_within_itself(parse, tmp_path):
    (tmp_path / "a.flags").write_text("--seed=1\n")
    (tmp_path / "b.flags").write_text("--flagfile=a.flags\n--seed=2\n--flagfile=a.flags\n")
    assert parse(f"--flagfile={tmp_path / 'b.flags'}").seed == 1
    (tmp_path / "x.flags").write_text("--seed=1\n--flagfile=y.flags\n")
    (tmp_path / "y.flags").write_text("--flagfile=../" + tmp_path.name + "/x.flags\n")
    message = _error(parse, f"--flagfile={tmp_path / 'x.flags'}")
    assert "y.flags:1: " in message
    assert "includes itself (x.flags → y.flags → x.flags)" in message


@pytest.mark.parametrize(("line", "message"), [
    ("steps=3", "mine.flags:3: 'steps=3' is not of the form --flag=value"),
    ("--steps 3", "mine.flags:3: '--steps 3' is not of the form --flag=value"),
    ("--stepz=3", "mine.flags:3: unknown flag --stepz; did you mean --steps?"),
    ("--steps=x", "mine.flags:3: --steps must be a whole number, got 'x'"),
    ("--steps", "mine.flags:3: "),
    ("--nodownload=1", "mine.flags:3: "),
    ("--flagfile=", "mine.flags:3: --flagfile needs a value"),
    ("--flagfile=none.flags", "mine.flags:3: --flagfile=none.flags: no such file"),
])
def test_a_bad_line_is_named_with_its_number(parse, tmp_path, line, message):
    file = tmp_path / "mine.flags"
    file.write_text(f"# comment\n--seed=3\n{line}\n--seed=4\n")
    assert message in _error(parse, f"--flagfile={file}")


def test_an_unreadable_flagfile(parse, tmp_path):
    (tmp_path / "binary.flags").write_bytes(b"\xff\xfe--steps")
    assert "binary.flags can't be read" in _error(parse, f"--flagfile={tmp_path / 'binary.flags'}")
    assert "no such file" in _error(parse, f"--flagfile={tmp_path}")
    assert "did you mean 'binary.flags'?" in _error(parse, f"--flagfile={tmp_path / 'bynary.flags'}")


@pytest.mark.parametrize(("arguments", "message"), [
    ("--steps", "--steps needs a value: --steps=…"),
    ("--model --steps=3", "--model needs a value: --model=…"),
    ("--flagfile", "--flagfile needs a value"),
    ("--flagfile --steps=3", "--flagfile needs a value"),
    ("--flagfile=", "--flagfile needs a value"),
    ("--steps=", "--steps must be a whole number, got ''"),
    ("--steps=1.5", "--steps must be a whole number, got '1.5'"),
    ("--steps -5", "--steps must be a whole number of at least 1, got -5"),
    ("--epochs=many", "--epochs must be a number, got 'many'"),
    ("--epochs=nan", "--epochs must be a number above 0 and at most 1000000000, got nan"),
    ("--epochs=inf", "--epochs must be a number above 0 and at most 1000000000, got inf"),
    ("--download=perhaps", "--download must be true or false, got 'perhaps'"),
    ("--nodownload=1", "--nodownload must be true or false, got '1'"),
    ("--dry_run=perhaps", "--dry_run must be true or false"),
    ("--stepz=3", "unknown flag --stepz; did you mean --steps?"),
    ("--dowload", "unknown flag --dowload; did you mean --download?"),
    ("--lr=3", "unknown flag --lr; here that is --generator_optimizer="),
    ("steps=3", "'steps=3' is not a flag: write --flag=value"),
    ("--steps=3 4", "'4' is not a flag: write --flag=value"),
    ("-", "'-' is not a flag"),
    ("--update=both", "unknown --update 'both': choices: alternating, simultaneous"),
    ("--precision=float16", "unknown --precision 'float16': did you mean 'float"),
    ("--batch_size=0", "--batch_size must be a whole number of at least 1, got 0"),
    ("--seed=-1", "--seed must be a whole number of at least 0, got -1"),
    ("--discriminator_clip_norm=-1", "--discriminator_clip_norm must be a number at least 0, got -1.0"),
    ("--generator_average=1", "--generator_average must be a number at least 0 and below 1, got 1.0"),
    ("--instance_noise=-0.5", "--instance_noise must be a number at least 0, got -0.5"),
    ("--instance_noise=nan", "--instance_noise must be a number at least 0, got nan"),
    ("--packing=0", "--packing must be a whole number of at least 1, got 0"),
    ("--spectral_norm=perhaps", "--spectral_norm must be true or false"),
    ("--generator_clip_value=1 --generator_clip_norm=1", "--generator_clip_value and --generator_clip_norm exclude"),
    ("--same_noise", "--same_noise needs --update=alternating"),
    ("--same_noise --batch_size=1", "--same_noise needs --update=alternating"),
    ("--generator_batch_size=7", "--generator_batch_size needs --update=alternating"),
    ("--generator_updates=2", "--generator_updates above 1 needs --update=alternating"),
    ("--update=alternating --same_noise --generator_batch_size=7", "--same_noise needs --generator_batch_size equal"),
])
def test_mistakes(parse, arguments, message):
    assert message in _error(parse, arguments)


def test_actions(configs):
    assert command_line.parse(["--list", "--dry_run"], configs).actions == {"list", "dry_run"}
    assert command_line.parse(["--list", "--nolist"], configs).actions == frozenset()


@pytest.mark.parametrize(("arguments", "name"), [
    ("", "dcgan_mnist"), ("--model=mlp(dropout=0.1)", "mlp_mnist"), ("--dataset=digits", "dcgan_digits"),
    ("--dataset=tf_flowers:3.*.*", "dcgan_tf_flowers-3.-.-"), ("--flagfile={}/mine.flags", "mine_mnist"),
    ("--flagfile={}/mine_mnist.flags --seed=3", "mine_mnist"),
    ("--flagfile={}/mine.flags --flagfile={}/mine_mnist.flags --dataset=digits", "mine_mnist_digits"),
    ("--dataset=folder --data_dir=/data/cats/", "dcgan_cats"), ("--dataset=folder", "dcgan_folder"),
    ("--dataset=folder --data_dir=/data/gan", "dcgan_gan"), ("--dataset=folder --data_dir=/", "dcgan_folder"),
    ("--dataset=folder --data_dir=/data/holiday(2).new", "dcgan_holiday-2-.new"),
    ("--dataset=digits --data_dir=/data/cats", "dcgan_digits"),
    ("--dataset=folder --data_dir={}/../cats/.", "dcgan_cats"),
    ("--flagfile={}/mine.flags --dataset=folder --data_dir=/data/mine", "mine_mine"),
    ("--dataset=stacked('digits')", "dcgan_stacked_digits"), ("--dataset=ring(modes=3)", "dcgan_ring"),
    ("--dataset=clustered(of='mnist',clusters=7)", "dcgan_clustered_mnist"),
    ("--dataset=clustered('folder') --data_dir=/data/cats", "dcgan_clustered_cats")])
def test_the_runs_name(configs, arguments, name):
    for file in ("mine.flags", "mine_mnist.flags"):
        (configs / file).write_text("--seed=2\n")
    assert command_line.parse(arguments.replace("{}", str(configs)).split(), configs).name == name


def test_a_run_is_where_its_run_flags_is(parse, tmp_path, monkeypatch):
    """It was moved, or another folder is the current one; a flag after it names another place all the same."""
    run = tmp_path / "moved"
    run.mkdir()
    (run / "run.flags").write_text("--seed=3\n--run_dir=runs/old\n")
    flagfile = f"--flagfile={run}/run.flags"
    assert parse([flagfile]).run_dir == "runs/old"  # a file that lies in no run
    (run / "run.json").write_text("{}")
    assert parse([flagfile]).run_dir == str(run)
    assert parse([flagfile, "--run_dir=other"]).run_dir == "other"
    monkeypatch.chdir(run)
    assert Path(parse(["--flagfile=run.flags"]).run_dir).resolve() == run
    (run / "copy.flags").write_text("--run_dir=runs/old\n")
    assert parse(["--flagfile=copy.flags"]).run_dir == "runs/old"
