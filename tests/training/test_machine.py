"""What replicas can't have is one line that says what they can."""

import pytest

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.machine import check_replicas


@pytest.mark.parametrize(("settings", "replicas", "message"), [
    ({"batch_size": 33}, 2, "--batch_size=33 can't be split over 2 replicas: use 32"),
    ({"batch_size": 2}, 3, "--batch_size=2 can't be split over 3 replicas: use 3"),
    ({"batch_size": 36, "packing": 4}, 2, "--batch_size=36 can't be split over 2 replicas in packs of 4: use 32"),
    ({"update": "alternating", "generator_batch_size": 9}, 2, "--generator_batch_size=9 can't be split over 2"),
    ({"jit_compile": True}, 2, "--jit_compile works on one replica only: use --strategy=one_device or --nojit_compile"),
    ({"precision": "mixed_float16"}, 2, "--precision=mixed_float16 works on one replica only: use mixed_bfloat16"),
])
def test_what_replicas_cannot_share(settings, replicas, message):
    with pytest.raises(UserError) as error:
        check_replicas(Experiment(**settings), replicas)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(("settings", "replicas"), [
    ({"batch_size": 36, "packing": 3}, 4), ({"batch_size": 32, "packing": 4}, 2), ({"jit_compile": True}, 1)])
def test_what_they_can(settings, replicas):
    assert check_replicas(Experiment(**settings), replicas) is None
