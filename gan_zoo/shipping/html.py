"""The playground: a generator in one HTML file, which a browser opens from the disk and runs by itself."""

import base64
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_zoo.errors import UserError
from gan_zoo.files import write_text
from gan_zoo.pages import BASE_STYLE, as_json
from gan_zoo.pixels import from_network
from gan_zoo.shipping.base import Format, Network, Shipped, Source, formats, properties
from gan_zoo.shipping.program import Program, program_of
from gan_zoo.shipping.weights import Packed, fine_kernels, kernels, largest_change

_FILES = Path(__file__).parent / "playground"
_ENGINE = ("arrays", "products", "operations", "engine")
_PAGE = ("latents", "workers", "drawing", "controls", "page")  # in this order: each needs those before it
_TRIED = 48  # images by which the weights' bits are chosen
_SEED = 2  # of the images by which the weights' bits are chosen: not those by which the page is tried


@formats.register("html")
class Html(Format):
    """playground.html: images anew, by class and by code, paths between two, the discriminator's score; no network."""

    ending = ".html"

    def check(self, source: Source) -> None:
        if source.description.are_points:
            raise UserError(f"--format=html is a page for images, and {source.path} makes points: ship it as onnx or "
                            "tflite")

    def ship(self, source: Source, folder: Path) -> list[Shipped]:
        path = folder / "playground.html"
        model, weights = model_of(source)
        write_text(path, page(model, weights))
        levels = f"{model['proof']['levels']:.1f} grey levels from the SavedModel's"
        return [Shipped(path, f"weights of {_bits(model)} bits, at most {levels}")]


def model_of(source: Source) -> tuple[dict[str, Any], bytes]:
    """(what the page knows of an export, for JSON, the bytes of its weights)."""
    about = source.description
    generator, *judges = source.networks
    low, high = about.value_range or (0.0, 1.0)
    program = program_of(generator.function, _first(generator), ("images",))
    per_unit, weights = 255 / (high - low), Packed()
    held = fine_kernels(program, _examples(source), per_unit)
    weights.add(program, held)
    told = properties(source) | {"generator": _for_page(program, weights)}
    if about.packing == 1 and judges:  # a page shows one image, a pack is several
        outputs = tuple(name for name in ("score", "probability") if name in judges[0].wanted)
        judge = program_of(judges[0].function, _first(judges[0]), outputs)
        weights.add(judge, kernels(judge))
        told["discriminator"] = _for_page(judge, weights)
    if about.classes:
        told["class_names"] = list(about.classes.names) or [str(number) for number in range(about.classes.count)]
    told |= {"about": source.words, "proof": _proof(source) | {
        "levels": round(largest_change(program, held, _ones(generator.examples), per_unit), 2)}}
    return told | {"bits": sorted({8 + kernel.bits for kernel in held.values()})}, bytes(weights.bytes)


def page(model: dict[str, Any], weights: bytes) -> str:
    """The page's text."""
    parts = {"title": html.escape(model["title"]), "style": BASE_STYLE.read_text("utf-8") + _read("page.css"),
             "engine": engine(), "script": _joined(_PAGE), "model": as_json(model),
             "weights": base64.b64encode(weights).decode()}
    text = _read("page.html")
    for name, value in parts.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def renewed(text: str) -> str:
    """A page that was written earlier, with the scripts and the look of today's; what it plays stays as it is."""
    model, weights = (text.partition(f'id="{name}">')[2].partition("</script>")[0] for name in ("model", "weights"))
    return page(json.loads(model), base64.b64decode(weights))


def engine() -> str:
    """The script that runs programs, its product of matrices included."""
    product = base64.b64encode((_FILES / "product.wasm").read_bytes()).decode()
    return _joined(_ENGINE).replace("{{product}}", product)


def _joined(names: Sequence[str]) -> str:
    return "\n".join(_read(f"{name}.js") for name in names)


def _read(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


def _proof(source: Source) -> dict[str, Any]:
    """What the export itself makes of some noise: the page opened with #check tells how far it is from that."""
    examples = source.networks[0].examples
    images = from_network(source.networks[0].wanted["images"], source.description.value_range).numpy()
    label = examples.get("label", np.zeros(len(images)))
    return {"noise": base64.b64encode(examples["noise"].astype("<f4").tobytes()).decode(),
            "images": base64.b64encode(images.tobytes()).decode(), "label": label.tolist()}


def _for_page(program: Program, weights: Packed) -> dict[str, Any]:
    return {"inputs": program.inputs, "outputs": program.outputs, "shapes": program.shapes, "steps": program.steps,
            "constants": weights.tables[-1]}


def _first(network: Network) -> dict[str, np.ndarray]:
    return {name: np.asarray(value[:1]) for name, value in network.examples.items()}


def _examples(source: Source) -> list[dict[str, np.ndarray]]:
    drawn = source.model.draw(_TRIED, _SEED)
    return _ones({"noise": drawn.noise} | ({} if drawn.labels is None else {"label": drawn.labels}))


def _ones(given: Mapping[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """Batches of one."""
    return [{name: value[i:i + 1] for name, value in given.items()} for i in range(len(given["noise"]))]


def _bits(model: dict[str, Any]) -> str:
    return " to ".join(str(bits) for bits in dict.fromkeys((model["bits"][0], model["bits"][-1])))
