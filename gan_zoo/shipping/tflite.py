"""LiteRT (TensorFlow Lite), for phones and small machines."""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from gan_zoo.files import replacing
from gan_zoo.quiet import quiet
from gan_zoo.shipping.base import Format, Network, Shipped, Source, difference, formats, grey_levels

_PROGRAM = """```python
import numpy as np
from ai_edge_litert.interpreter import Interpreter
given = {{"noise": noise{label}}}   # noise: float32 {shape}
images = Interpreter("{file}").get_signature_runner("generator")(**given)["images"]
```

"""


@formats.register("tflite")
class Tflite(Format):
    """generator.tflite and discriminator.tflite, of batches of any size, tried in ai-edge-litert.

    With int8 the weights have 8 bits, and the files are called generator_int8.tflite and so on.
    """

    needs, ending, program = ("ai_edge_litert",), ".tflite", _PROGRAM

    def ship(self, source: Source, folder: Path) -> list[Shipped]:
        ending = "_int8.tflite" if source.int8 else ".tflite"
        return [_shipped(source, network, folder / f"{network.name}{ending}") for network in source.networks]


def _shipped(source: Source, network: Network, path: Path) -> Shipped:
    written = _converted(network, source.int8)
    found = _run(written, network)
    with replacing(path) as temporary:
        Path(temporary).write_bytes(written)
    words = f"{difference(network.wanted, found):.1e} from the SavedModel's in LiteRT"
    if "images" in found and not source.description.are_points:
        levels = grey_levels(source, found["images"])
        words += f", {levels.mean():.2g} grey levels on average, {levels.max():.2g} at most"
    return Shipped(path, words)


def _converted(network: Network, int8: bool) -> bytes:
    """The network as the only signature of a TFLite model, with the names of what goes in and out."""
    concrete = tf.function(lambda **values: network.function(**values)).get_concrete_function(**network.inputs)
    frozen = convert_variables_to_constants_v2(concrete)  # its variables belong to the export, and can't be saved here
    outputs = sorted(network.wanted)  # in this order a function gives them
    module = tf.Module()
    module.function = tf.function(lambda **values: dict(zip(
        outputs, frozen(*[values[tensor.op.name] for tensor in frozen.inputs]), strict=True)))
    signature = module.function.get_concrete_function(**network.inputs)
    with tempfile.TemporaryDirectory() as folder, quiet():
        tf.saved_model.save(module, folder, {network.name: signature})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, [network.name])
        if int8:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()


def _run(written: bytes, network: Network) -> dict[str, np.ndarray]:
    with quiet():
        from ai_edge_litert.interpreter import Interpreter

        runner = Interpreter(model_content=written).get_signature_runner(network.name)
        return runner(**network.examples)
