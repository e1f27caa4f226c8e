"""Images, or points, from a run or its export: `python -m gan_zoo.sample --run_dir=runs/NAME`."""

import itertools
import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from absl import flags

from gan_zoo.commands import latents_file, loading, sample_video, startup
from gan_zoo.errors import MOST, UserError, check_number
from gan_zoo.labels import EACH
from gan_zoo.quiet import quiet

if TYPE_CHECKING:
    import numpy as np

    from gan_zoo.export.model import Model
    from gan_zoo.game import LatentSample

_TOGETHER = 1024  # images in memory, if they go to a folder
_MOST_IN_GRID, _MOST_IN_FOLDER = 10_000, 1_000_000
_PICTURES = (".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
_TEXTS = {"saved_model": None, "run_dir": None, "checkpoint": None, "data_dir": None, "out": "samples.png",
          "label": None, "codes": None, "latents": None, "video": None}
_COUNTS = {"count": 64, "columns": None, "interpolate": None}

_HELP = """python -m gan_zoo.sample --saved_model=DIR [--flag=value …]

Draws images from the SavedModel that a run has exported, or from a run that goes on. The same seed gives the same
images.

  --saved_model=DIR     the export, as in runs/NAME/export. Load only exports that you trust: a SavedModel's graph
                        may write files
  --run_dir=DIR         instead: a run, as in runs/NAME. A complete one gives what it exported, any other what its
                        newest checkpoint generates, for which its data must be here
  --checkpoint=best     with --run_dir: another state, as step_00000500, or best, of the best check
  --data_dir=DIR        with --run_dir: where its data lie now
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
  --truncation=0.7      noise nearer to its mean, which makes images more typical and less various: none further
                        from it than 0.7 standard deviations, or of a uniform prior 0.7 of its half width
  --latents=FILE.npy    noise of your own instead of --count: floats [N, Z], N images; with --label=each N of
                        every class
  --video=FILE          instead of --out: --interpolate (default: 16) images on their way from one random point to
                        another and back, in --columns steps (default: 48), as .gif or .mp4 (which needs
                        pip install imageio-ffmpeg); with --label=each every one in each class
  --help                this text
"""


@dataclass(frozen=True)
class Request:
    """What to draw, the flags of the same names. codes: values by name, not yet checked."""

    saved_model: str
    run_dir: str
    checkpoint: str | None
    data_dir: str
    out: str
    count: int
    seed: int
    columns: int | None
    interpolate: int | None
    label: str | None
    codes: dict[str, str]
    truncation: float | None
    latents: str | None
    video: str

    @property
    def each_class(self) -> bool:
        """Whether --label asks for every class."""
        return self.label == EACH


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    request = parse(argv)
    if request is None:
        print(_HELP, end="")
        return
    _check(request)
    with quiet():
        try:
            where = _drawn(request)
        except OSError as error:
            where = f"--video={request.video}" if request.video else f"--out={request.out}"
            raise UserError(f"{where} can't be written: {error.strerror or error}") from None
    print(where)


def parse(argv: list[str]) -> Request | None:
    """The request that the arguments make, or None if they ask for help."""
    values = flags.FlagValues()
    for name, default in _TEXTS.items():
        flags.DEFINE_string(name, default, "", flag_values=values)
    flags.DEFINE_float("truncation", None, "", flag_values=values)
    startup.define_seed(values)
    for name, count in _COUNTS.items():
        flags.DEFINE_integer(name, count, "", flag_values=values, lower_bound=1, upper_bound=MOST)
    if not startup.read(values, argv):
        return None
    _check_together({name for name in values if values[name].present})
    given: dict[str, Any] = {item.name: values[item.name].value for item in fields(Request)}
    given["codes"] = {} if given["codes"] is None else read_codes(given["codes"])
    if given["video"] is not None and not given["video"].strip():
        raise UserError("--video is empty: name a .gif or an .mp4 file")
    given |= {name: startup.path(name, given[name]) for name in ("saved_model", "run_dir", "data_dir", "out", "video")}
    if given["truncation"] is not None:
        check_number("--truncation", given["truncation"], above=0)
    if given["video"]:
        given["interpolate"] = given["interpolate"] or sample_video.TILES
        given["columns"] = given["columns"] or sample_video.STEPS
    request = Request(**given)
    if values["count"].present and request.each_class:
        raise UserError("--count and --label=each exclude each other: --label=each draws classes × --columns images")
    return request


def _check_together(given: set[str]) -> None:
    """Raises UserError for flags that exclude each other."""
    for one, other, why in (
            ("count", "interpolate", "--interpolate draws rows × --columns images"),
            ("count", "latents", "there are as many images as --latents has rows"),
            ("count", "video", "--interpolate is how many images a video has"),
            ("interpolate", "latents", "an interpolation goes between points that --seed draws"),
            ("video", "latents", "a video goes between points that --seed draws"),
            ("truncation", "latents", "given noise is taken as it is"),
            ("video", "out", "a video is all that is written")):
        if {one, other} <= given:
            raise UserError(f"--{one} and --{other} exclude each other: {why}")


def read_codes(text: str) -> dict[str, str]:
    """What --codes gives, by name: 'c1=3, c2=-1.5' → {"c1": "3", "c2": "-1.5"}."""
    codes: dict[str, str] = {}
    for entry in text.split(","):
        name, _, value = (part.strip() for part in entry.partition("="))
        if not name or not value:
            raise UserError(f"--codes={text}: write NAME=VALUE, …, as in --codes='c1=3, c2=-1.5'")
        if name in codes:
            raise UserError(f"--codes={text}: {name} is given twice, give it one value")
        codes[name] = value
    return codes


def _check(request: Request) -> None:
    if request.run_dir and request.saved_model:
        raise UserError("--run_dir excludes --saved_model: draw from one after the other")
    for name, given in (("checkpoint", request.checkpoint is not None), ("data_dir", request.data_dir)):
        if given and not request.run_dir:
            raise UserError(f"--{name} is of a run: name it with --run_dir")
    if not request.run_dir:
        _check_model(request.saved_model)
    if request.video:
        sample_video.check(request.video, request.columns)
    else:
        _check_out(request.out)
    if request.interpolate and request.columns == 1:
        raise UserError("--columns=1: an interpolation has at least 2 steps, its two ends")


def _check_model(folder: str | None) -> None:
    if not folder:
        raise UserError("--saved_model is missing: name an export, as in --saved_model=runs/NAME/export, or a run "
                        "with --run_dir")
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


def _ends(out: str, *endings: str) -> bool:
    return out.lower().endswith(endings)


def _drawn(request: Request) -> str:
    """Draws and writes; returns a line that says where it is."""
    from gan_zoo.drawing.class_grids import class_grid, names_of
    from gan_zoo.drawing.images import grid, write_png
    from gan_zoo.export import sampling
    from gan_zoo.export.model import Model

    wanted = sampling.Wanted(request.count, request.seed, request.interpolate, request.columns, request.label,
                             request.codes, request.truncation, latents_file.read(request.latents))
    _check_count(request, sampling.image_count(wanted, None))
    model = (loading.model(request.run_dir, request.checkpoint, request.data_dir) if request.run_dir
             else Model.read(request.saved_model, "--saved_model"))
    _check_kind(request, model.description.are_points)
    sampling.check(model.description, wanted)
    _check_count(request, sampling.image_count(wanted, model.description.classes))
    latent = sampling.latents(model, wanted)
    classes = model.description.classes if request.each_class else None
    names = names_of(classes.trained, classes.names) if classes else []
    if request.video:
        return sample_video.write(request.video, model, latent, wanted.row, names * (request.interpolate or 1))
    if model.description.are_points:
        return _write_points(request.out, model.decode(latent).reshape(len(latent.noise), -1))
    if _ends(request.out, ".png"):
        images = model.decode(latent)
        write_png(request.out, class_grid(images, names * (request.interpolate or 1), whole=True) if names else
                  grid(images, wanted.row if wanted.in_rows else request.columns))
        return f"{len(images)} images: {request.out}"
    return _write_folder(request.out, model, latent)


def _check_kind(request: Request, points: bool) -> None:
    """Raises UserError if what the export makes can't be written to such a name."""
    out = request.out
    if points and request.video:
        raise UserError(f"--video={request.video}: this export makes points: draw them with --out instead")
    if points and not _ends(out, ".png", ".npy"):
        raise UserError(f"--out={out}: this export makes points: name a .npy file for them, or a .png file for a plot")
    if not points and _ends(out, ".npy"):
        raise UserError(f"--out={out}: this export makes images, not points: name a .png file or a folder")


def _check_count(request: Request, count: int) -> None:
    in_memory = bool(request.video) or _ends(request.out, ".png")
    most = _MOST_IN_GRID if in_memory else _MOST_IN_FOLDER
    if count > most:
        flag = ("--latents" if request.latents is not None else "--label=each" if request.each_class
                else "--interpolate" if request.interpolate else "--count")
        way_out = ("draw fewer" if request.video else "draw fewer, with several seeds" if not in_memory else
                   "name a folder with --out, for points a .npy file, or draw fewer")
        where = f"--video={request.video}" if request.video else f"--out={request.out}"
        raise UserError(f"{flag}: {count} images are more than the {most} that {where} takes: {way_out}")


def _write_points(out: str, points: "np.ndarray") -> str:
    """Writes points [N, D], or their plot."""
    import numpy as np

    from gan_zoo.drawing import plots
    from gan_zoo.drawing.images import write_png
    from gan_zoo.files import replacing

    if _ends(out, ".png"):
        write_png(out, plots.points(generated=points))
    else:
        with replacing(out) as temporary, open(temporary, "wb") as file:
            np.save(file, points)
    return f"{len(points)} points: {out}"


def _write_folder(out: str, model: "Model", latent: "LatentSample") -> str:
    """Writes the images one by one, decoded some at a time, since there may be many."""
    from gan_zoo.drawing.images import write_png

    os.makedirs(out, exist_ok=True)
    images = itertools.chain.from_iterable(model.decode(part) for part in latent.parts(_TOGETHER))
    for index, image in enumerate(images):
        write_png(os.path.join(out, f"{index:06}.png"), image)
    return f"{index + 1} images: {os.path.join(out, '000000.png')} … {index:06}.png"
