"""Misspelt names are found without TensorFlow, and no right one is called misspelt."""

import subprocess
import sys
from pathlib import Path

import pytest

from gan_zoo import latents, models, objectives
from gan_zoo.augmentation import augmentations
from gan_zoo.commands.names import check_names, optimizer_names
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.schedules import schedules
from gan_zoo.training.averaging import averages
from gan_zoo.training.players import optimizers
from tests.helpers import registered

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("values", "message"), [
    ({"model": "dcgna"}, r"--model=dcgna: unknown model 'dcgna': did you mean 'dcgan'\? choices: dcgan, fgan"),
    ({"model": "dcgan(width="}, r"--model=dcgan\(width=: 'dcgan\(width=' is not of the form"),
    ({"objective": "minimax + mutual_informatoin(0.5)"}, "--objective=.*: unknown objective 'mutual_informatoin'"),
    ({"latent": "noise(62) + categoric(10)"}, "--latent=.*: unknown latent 'categoric': did you mean 'categorical'"),
    ({"augment": "flip + cutuot(0.3)"}, "--augment=.*: unknown augmentation 'cutuot': did you mean 'cutout'"),
    ({"discriminator_optimizer": "adm"}, "--discriminator_optimizer=adm: unknown optimizer 'adm': did you mean"),
    ({"generator_optimizer": "optimizer"}, "--generator_optimizer=optimizer: unknown optimizer 'optimizer'"),
    ({"instance_noise": "linaer(0.5, 0)"}, "--instance_noise=.*: unknown schedule 'linaer': did you mean 'linear'"),
    ({"instance_noise": "linear(0.5"}, r"--instance_noise=linear\(0.5: 'linear\(0.5' is not of the form"),
    ({"generator_average": "halflife(5)"}, "--generator_average=.*: unknown average 'halflife': did you mean 'half"),
    ({"generator_average": "half_life(n)"}, r"--generator_average=half_life\(n\): .* 'n' is not a literal"),
    ({"dataset": "mixtur_1d(weight=3)"}, r"--dataset=mixtur_1d\(weight=3\) is unknown: did you mean 'mixture_1d'\?"),
    ({"dataset": "tfds(name='mnist')"}, "--dataset=.* is unknown: choices: .*digits, folder"),
])
def test_a_misspelt_name_is_told_with_the_nearest(values, message):
    with pytest.raises(UserError, match=message):
        check_names(Experiment(**values))


@pytest.mark.parametrize("flag_and_registry", [
    ("model", models.models), ("objective", objectives.objectives), ("latent", latents.latents),
    ("augment", augmentations), ("generator_optimizer", optimizers), ("instance_noise", schedules),
    ("generator_average", averages)], ids=lambda pair: pair[0])
def test_everything_registered_passes(flag_and_registry):
    flag, registry = flag_and_registry
    for name in registry:
        assert check_names(Experiment(**{flag: name})) is None


@pytest.mark.parametrize("dataset", [
    "digits", "mixture_1d(weight=0.3)", "folder()", "mnist", "cats_vs_dogs:4.0.1", "imagenette/160px", "no_such"])
def test_a_dataset_that_tensorflow_datasets_may_have_passes(dataset):
    assert check_names(Experiment(dataset=dataset)) is None


def test_the_optimizers_read_from_source_are_those_registered():
    assert optimizer_names() == tuple(optimizers)


def test_a_registration_of_this_process_counts():
    with registered(objectives.objectives, "of_this_test", lambda: None):
        assert check_names(Experiment(objective="minimax + of_this_test")) is None
    with registered(averages, "of_this_test", lambda: None):
        assert check_names(Experiment(generator_average="of_this_test")) is None


@pytest.mark.parametrize(("flag", "code"), [("--model=dcgna", 2), ("--generator_optimizer=adm", 2)])
def test_a_quick_answer_needs_no_tensorflow(flag, code):
    done = subprocess.run([sys.executable, "-c", "import sys\n"
                           "from gan_zoo.commands import startup, train\n"
                           "code = startup.main(train.run)\n"
                           "print(sorted({'tensorflow', 'keras'} & set(sys.modules)), file=sys.stderr)\n"
                           "sys.exit(code)", flag], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    assert done.stderr.splitlines()[-1] == "[]"
