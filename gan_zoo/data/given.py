"""The name of arrays that a run in Python was given."""

from gan_zoo.data.source import DataRequest, Source, datasets
from gan_zoo.errors import UserError


@datasets.register("arrays")
def arrays(request: DataRequest) -> Source:
    """NumPy arrays, given in Python: gan_zoo.train(…, dataset=images, labels=labels)."""
    raise UserError("--dataset=arrays are images that only Python has: call gan_zoo.train(…, dataset=images, "
                    f"labels=labels, run_dir=…) again, or name other data than {request.dataset}")
