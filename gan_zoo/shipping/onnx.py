"""ONNX, for onnxruntime and whatever else reads it, by tf2onnx."""

from pathlib import Path

import tensorflow as tf

from gan_zoo.files import replacing
from gan_zoo.quiet import quiet
from gan_zoo.shipping.base import Format, Network, Shipped, Source, difference, formats, properties, text

_OPSET = 17  # of 2022: all runtimes of today have it
_PROGRAM = """```python
import numpy as np, onnxruntime
given = {{"noise": noise{label}}}   # noise: float32 {shape}
(images,) = onnxruntime.InferenceSession("{file}").run(["images"], given)
```

"""


@formats.register("onnx")
class Onnx(Format):
    """generator.onnx and discriminator.onnx, of batches of any size, tried in onnxruntime."""

    needs, ending, program = ("tf2onnx", "onnx", "onnxruntime"), ".onnx", _PROGRAM

    def ship(self, source: Source, folder: Path) -> list[Shipped]:
        return [_shipped(source, network, folder / f"{network.name}.onnx") for network in source.networks]


def _shipped(source: Source, network: Network, path: Path) -> Shipped:
    import onnx
    import tf2onnx

    specs = list(network.inputs.values())
    function = tf.function(lambda *values: network.function(**dict(zip(network.inputs, values, strict=True))),
                           input_signature=specs)
    with quiet():
        model, _ = tf2onnx.convert.from_function(function, specs, opset=_OPSET)
    onnx.helper.set_model_props(model, {name: text(value) for name, value in properties(source).items()})
    written = model.SerializeToString()
    distance = difference(network.wanted, _run(written, network))
    with replacing(path) as temporary:
        Path(temporary).write_bytes(written)
    return Shipped(path, f"{distance:.1e} from the SavedModel's in onnxruntime")


def _run(written: bytes, network: Network) -> dict:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(written, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    given = {each.name: network.examples[each.name] for each in session.get_inputs()}
    return dict(zip(names, session.run(names, given), strict=True))
