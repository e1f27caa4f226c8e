"""Keras's own file."""

from pathlib import Path

import keras
import numpy as np

from gan_zoo import run as runs
from gan_zoo.errors import UserError
from gan_zoo.files import replacing
from gan_zoo.quiet import quiet
from gan_zoo.shipping.base import Format, Shipped, Source, difference, formats

_PROGRAM = """```python
import keras, gan_zoo.layers   # the package has to be installed, for its layers
generator = keras.saving.load_model("{file}", compile=False)
```

"""


@formats.register("keras")
class KerasFile(Format):
    """generator.keras, which keras.saving.load_model reads where gan_zoo.layers is imported."""

    ending, program = ".keras", _PROGRAM

    def check(self, source: Source) -> None:
        if source.run is None:
            raise UserError(f"--format=keras is of a run, whose checkpoints have the Keras model; {source.path} is an "
                            "export only")
        loaded = runs.load(source.run)
        steps = [description.metadata.get("step") for description in (loaded.model.description, source.description)]
        if steps[0] != steps[1]:
            raise UserError(f"--format=keras: {source.run} has gone on to step {steps[0]}, its export is of step "
                            f"{steps[1]}: finish the run, or leave keras out")
        self._generator = loaded.generator

    def ship(self, source: Source, folder: Path) -> list[Shipped]:
        path, network = folder / "generator.keras", source.networks[0]
        with replacing(path) as temporary:
            self._generator.save(temporary)
        with quiet():
            again = keras.saving.load_model(path, compile=False)
        taken = [network.examples[each.name] for each in again.inputs]
        images = np.asarray(again(taken if len(taken) > 1 else taken[0], training=False))
        return [Shipped(path, f"{difference(network.wanted, {'images': images}):.1e} from the SavedModel's in Keras")]
