"""Images, or points, from an exported generator: `python -m gan_zoo.sample --saved_model=runs/NAME/export`."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any

import numpy as np
from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import UserError
from gan_zoo.quiet import quiet

_BATCH = 256
_MOST_IN_GRID, _MOST_IN_FOLDER = 10_000, 1_000_000
_PICTURES = (".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
_STEPS = 10
_TEXTS = {"saved_model": None, "out": "samples.png", "label": None, "codes": None}
_COUNTS = {"count": 64, "columns": None, "interpolate": None}

_HELP = """python -m gan_zoo.sample --saved_model=DIR [--flag=value …]

Draws images from the SavedModel that a run has exported. The same seed gives the same images.

  --saved_model=DIR     the export, as in runs/NAME/export
  --out=samples.png     a .png file gets one grid of all images; any other name is a folder, made if it is
                        missing, that gets 000000.png, 000001.png, … in the images' own size. Files of
                        these names are overwritten, others stay. An export that makes points writes them to
                        a .npy file, float32 [count, D], or a plot of them to a .png file
  --count=64            how many images
  --seed=0              which images
  --columns=N           images in a row of the grid (default: about as many as rows); with --interpolate,
                        the steps of a row, with --label=each the images of a class (default: 10)
  --interpolate=R       instead of --count: R rows, each going from one random point to another; a row keeps
                        the class and the discrete codes of its first point, and what --codes gives
  --label=7             of a class-conditional export: all images of this class, a number or a name
                        (default: drawn). --label=each, instead of --count: a row for each class, the same
                        noise down every column; with --interpolate, each of its rows in every class. A class
                        whose name is "each" goes by its number
  --codes='c1=3, c2=-1.5'
                        of an export whose latent has codes: these at these values (default: drawn)
  --help                this text
"""


@dataclass(frozen=True)
class Request:
    """What to draw. interpolate: rows, or None; columns: images in a row, or None for the default.

    label: a class's number or name, "each", or None; codes: values by name, not yet checked.
    """

    saved_model: str
    out: str
    count: int
    seed: int
    columns: int | None
    interpolate: int | None
    label: str | None
    codes: dict[str, str]

    @property
    def in_rows(self) -> bool:
        """Whether rows are what is asked for, and not a number of images."""
        return bool(self.interpolate) or self.each_class

    @property
    def row(self) -> int:
        """How many images each row has, if they are drawn in rows."""
        return self.columns or _STEPS

    @property
    def each_class(self) -> bool:
        """Whether --label asks for every class."""
        return self.label is not None and self.label == _choosing().EACH


@dataclass(frozen=True)
class Drawn:
    """What a model makes: `count` images uint8 [H, W, C], or points float32 [1, 1, D], one after the other."""

    images: Iterator[np.ndarray]
    count: int
    are_points: bool


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    request = parse(argv)
    if request is None:
        print(_HELP, end="")
        return
    _check(request)
    with quiet():
        drawn = draw(request)
        try:
            where = _write_points(request.out, drawn) if drawn.are_points else _write(request, drawn)
        except OSError as error:
            raise UserError(f"--out={request.out} can't be written: {error.strerror or error}") from None
    print(where)


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    for name, default in _TEXTS.items():
        flags.DEFINE_string(name, default, "", flag_values=values)
    startup.define_seed(values)
    for name, count in _COUNTS.items():
        flags.DEFINE_integer(name, count, "", flag_values=values, lower_bound=1)
    if not startup.read(values, argv):
        return None
    if values["count"].present and values["interpolate"].present:
        raise UserError("--count and --interpolate exclude each other: --interpolate draws rows × --columns images")
    given: dict[str, Any] = {item.name: values[item.name].value for item in fields(Request)}
    given["codes"] = {} if given["codes"] is None else _choosing().read_codes(given["codes"])
    request = Request(**given | {name: os.path.expanduser(given[name] or "") for name in ("saved_model", "out")})
    if values["count"].present and request.each_class:
        raise UserError("--count and --label=each exclude each other: --label=each draws classes × --columns images")
    return request


def _check(request: Request) -> None:
    _check_model(request.saved_model)
    _check_out(request.out)
    if request.interpolate and request.columns == 1:
        raise UserError("--columns=1: an interpolation has at least 2 steps, its two ends")
    if not request.each_class:
        _check_count(request, request.interpolate * request.row if request.interpolate else request.count)


def _check_count(request: Request, count: int) -> None:
    grid = _ends(request.out, ".png")
    most = _MOST_IN_GRID if grid else _MOST_IN_FOLDER
    if count > most:
        flag = "--label=each" if request.each_class else "--interpolate" if request.interpolate else "--count"
        way_out = ("name a folder with --out, for points a .npy file, or draw fewer" if grid else
                   "draw fewer, with several seeds")
        raise UserError(f"{flag}: {count} images are more than the {most} that --out={request.out} takes: {way_out}")


def _check_model(folder: str | None) -> None:
    if not folder:
        raise UserError("--saved_model is missing: name an export, as in --saved_model=runs/NAME/export")
    if not os.path.isdir(folder):
        raise UserError(f"--saved_model={folder}: there is no such folder; a run writes its own to runs/NAME/export")
    if not os.path.isfile(os.path.join(folder, "saved_model.pb")):
        inside = os.path.join(folder, "export")
        hint = f"try --saved_model={inside}" if os.path.isdir(inside) else "name a run's export folder"
        raise UserError(f"--saved_model={folder} holds no SavedModel (saved_model.pb): {hint}")


def _check_out(out: str) -> None:
    if not out:
        raise UserError("--out is empty: name a .png file or a folder")
    if out.lower().endswith(_PICTURES):
        raise UserError(f"--out={out}: pictures are written as PNG; name a .png file or a folder")
    path = os.path.abspath(out)
    if not os.path.isdir(os.path.dirname(path)):
        raise UserError(f"--out={out}: there is no folder {os.path.dirname(path)}; create it first")
    is_file = _ends(out, ".png", ".npy")
    if is_file and os.path.isdir(path):
        raise UserError(f"--out={out} is a folder: for a grid name a .png file, for single images another folder")
    if not is_file and os.path.lexists(path) and not os.path.isdir(path):
        raise UserError(f"--out={out} is a file: name a .png file or a folder")


def _check_kind(out: str, points: bool) -> None:
    """Raises UserError if what the export makes can't be written to such a name."""
    if points and not _ends(out, ".png", ".npy"):
        raise UserError(f"--out={out}: this export makes points: name a .npy file for them, or a .png file for a plot")
    if not points and _ends(out, ".npy"):
        raise UserError(f"--out={out}: this export makes images, not points: name a .png file or a folder")


def _ends(out: str, *endings: str) -> bool:
    return out.lower().endswith(endings)


def draw(request: Request) -> Drawn:
    """Loads the model; what it makes is decoded while it is iterated over."""
    import tensorflow as tf

    from gan_zoo import export, pixels

    about = _of_export(export.read_metadata, request.saved_model)
    are_points, latent = about["value_range"] is None, about["latent"]
    _check_kind(request.out, are_points)
    chosen = _choosing().chosen(latent, request.label, request.codes)
    if request.each_class:
        _check_count(request, len(latent["label"]["classes"]) * (request.interpolate or 1) * request.row)
    model = _of_export(export.load, request.saved_model)
    points = _points(request, model, latent, chosen)

    def decoded() -> Iterator[np.ndarray]:
        for start in range(0, len(points), _BATCH):
            batch = tf.constant(points[start:start + _BATCH])
            floats = model.signatures["serving_default"](noise=batch)["images"]
            yield from pixels.from_network(floats, about["value_range"]).numpy()

    return Drawn(decoded(), len(points), are_points)


def _choosing() -> ModuleType:
    """The module that knows --label and --codes, and brings TensorFlow with it."""
    with quiet():
        from gan_zoo.export import choosing
    return choosing


def _of_export(read: Callable, folder: str):
    try:
        return read(folder)
    except UserError as error:
        raise UserError(f"--saved_model={error}") from None


def _points(request: Request, model, latent: dict, chosen: list[tuple[dict, float]]) -> np.ndarray:
    """The latent points of all images, float32 [N, Z], row by row."""
    import tensorflow as tf

    from gan_zoo.export import choosing
    from gan_zoo.export.interpolation import between

    count = 2 * request.interpolate if request.interpolate else request.row if request.in_rows else request.count
    points = model.signatures["noise"](num_images=tf.constant(count), seed=tf.constant(request.seed))["noise"].numpy()
    for block, value in chosen:
        points = choosing.place(points, block, value)
    rows = points[np.newaxis]
    if request.interpolate:
        rows = between(points[0::2], points[1::2], request.row, latent["spherical"], choosing.held(latent, chosen))
    if request.each_class:
        rows = choosing.in_each_class(rows, latent["label"])
    return rows.reshape(-1, latent["size"]).astype(np.float32)


def _write_points(out: str, drawn: Drawn) -> str:
    """Writes the points, float32 [N, D], or their plot; returns a line that says where it is."""
    from gan_zoo.drawing import plots
    from gan_zoo.drawing.images import write_png
    from gan_zoo.files import replacing

    points = np.stack(list(drawn.images)).reshape(drawn.count, -1)
    if _ends(out, ".png"):
        write_png(out, plots.points(generated=points))
    else:
        with replacing(out) as temporary, open(temporary, "wb") as file:
            np.save(file, points)
    return f"{drawn.count} points: {out}"


def _write(request: Request, drawn: Drawn) -> str:
    """Writes the grid or the folder; returns a line that says where it is."""
    from gan_zoo.drawing.images import grid, write_png

    if _ends(request.out, ".png"):
        columns = request.row if request.in_rows else request.columns
        write_png(request.out, grid(np.stack(list(drawn.images)), columns))
        return f"{drawn.count} images: {request.out}"
    os.makedirs(request.out, exist_ok=True)
    for index, image in enumerate(drawn.images):
        write_png(os.path.join(request.out, f"{index:06}.png"), image)
    return f"{drawn.count} images: {os.path.join(request.out, '000000.png')} … {drawn.count - 1:06}.png"
