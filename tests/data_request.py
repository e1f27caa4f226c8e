"""Requests of data, as the flags of a run make them."""

from gan_zoo import data
from gan_zoo.experiment import Experiment


def request(dataset: str, data_dir: str | None = None, **flags) -> data.DataRequest:
    """What a run with these flags asks for."""
    return data.request(Experiment(dataset=dataset, data_dir=data_dir, **flags))
