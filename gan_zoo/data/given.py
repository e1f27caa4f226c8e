"""Arrays that a run in Python is given: their name, and which flags say nothing about them."""

from gan_zoo.data.source import DataRequest, Source, datasets
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment, of_images


@datasets.register("arrays")
def arrays(request: DataRequest) -> Source:
    """NumPy arrays, given in Python: gan_zoo.train(…, dataset=images, labels=labels)."""
    raise UserError(f"--dataset={request.dataset}: only Python has these images: give them again, as in gan_zoo.train("
                    "…, dataset=images, labels=labels) or gan_zoo.load(run_dir, dataset=images, labels=labels)")


def check_given(experiment: Experiment) -> None:
    """Raises UserError for a flag that chooses from other data or changes them: arrays are taken as they are."""
    default = Experiment()
    for flag in ("data_dir", *of_images()):
        value = getattr(experiment, flag)
        if value != getattr(default, flag):
            raise UserError(f"--{flag}={value} says nothing about images that are given as arrays: leave {flag} out, "
                            "and give the images as they are to be seen")
