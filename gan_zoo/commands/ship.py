"""Ships a trained GAN: `gan-zoo ship runs/NAME --format=html`."""

from pathlib import Path

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import UserError, nearest
from gan_zoo.files import check_local, check_writable
from gan_zoo.quiet import quiet
from gan_zoo.registry import summaries_in

_HELP = """gan-zoo ship RUN [--format=html,onnx,tflite,keras] [--flag=value …]

Writes what a run has exported in other forms, each tried against the export, and model_card.md beside them.

  RUN                    a run's folder, as in runs/dcgan_mnist, or an export. A run that isn't finished has none yet:
                         gan-zoo export RUN makes one
  --format=html          one or several, separated by commas:
                           html    playground.html, one file that a browser opens from the disk: new images, classes,
                                   codes, paths between images, the discriminator's score
                           onnx    generator.onnx, discriminator.onnx; needs tf2onnx, onnx and onnxruntime
                           tflite  generator.tflite, discriminator.tflite (LiteRT); needs ai-edge-litert
                           keras   generator.keras, which Keras reads where gan_zoo is installed
  --out=DIR              where to (default: ship, in the run's folder); files of these names are replaced
  --int8                 tflite with weights of 8 bits
  --title=TEXT           what the page and the card call it (default: the run's name)
  --help                 this text
"""
_DEFAULT = "html"


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    values = flags.FlagValues()
    flags.DEFINE_string("format", _DEFAULT, "", flag_values=values)
    flags.DEFINE_string("out", None, "", flag_values=values)
    flags.DEFINE_string("title", None, "", flag_values=values)
    flags.DEFINE_boolean("int8", False, "", flag_values=values)
    names = startup.read_with_names(values, argv)
    if names is None:
        print(_HELP, end="")
        return
    if len(names) != 1:
        raise UserError("name one run's folder, or one export, as in gan-zoo ship runs/dcgan_mnist")
    path = Path(startup.path("a run", names[0]) or ".")
    export, run_dir = _export(path)
    wanted = _formats(values["format"].value or "")
    out = Path(startup.path("out", values["out"].value) or (run_dir or path.parent) / "ship")
    _check_out(out)
    title = values["title"].value or (run_dir or path).resolve().name
    _ship(export, run_dir, wanted, out, title, bool(values["int8"].value))


def _export(path: Path) -> tuple[Path, Path | None]:
    """(the export, the folder of its run or None)."""
    if (path / "saved_model.pb").is_file():
        return path, path.parent if path.name == "export" and (path.parent / "run.json").is_file() else None
    if (path / "export" / "saved_model.pb").is_file():
        return path / "export", path
    if (path / "run.json").is_file():
        raise UserError(f"{path} has no export yet: finish the run, or ship the folder that gan-zoo export {path} "
                        "makes")
    raise UserError(f"{path} is neither a run nor an export: name a run's folder, as in gan-zoo ship runs/dcgan_mnist")


def _formats(text: str) -> list[str]:
    """The names in --format, each once."""
    known = summaries_in("gan_zoo.shipping", "formats")
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise UserError(f"--format is empty: name some of {', '.join(known)}")
    for name in names:
        if name not in known:
            raise UserError(f"--format={text}: unknown format {name!r}: {nearest(name, known)}")
    return names


def _check_out(out: Path) -> None:
    check_local("--out", out)
    if out.exists() and not out.is_dir():
        raise UserError(f"--out={out} is a file: name a folder")
    check_writable(str(out), "--out")


def _ship(export: Path, run_dir: Path | None, names: list[str], out: Path, title: str, int8: bool) -> None:
    with quiet():
        from gan_zoo import shipping
        from gan_zoo.shipping import model_card

    forms = [shipping.formats[name]() for name in names]
    for name, form in zip(names, forms, strict=True):
        shipping.check_installed(name, form)
    with quiet():
        source = shipping.Source(export, title, run_dir, int8)
        for form in forms:
            form.check(source)
    try:
        out.mkdir(parents=True, exist_ok=True)
        shipped = []
        for form in forms:
            for each in form.ship(source, out):
                shipped.append(each)
                print(f"{each.path}  {each.words}")
        card = model_card.write(source, out, shipped)
    except OSError as error:
        raise UserError(f"--out={out} can't be written: {error.strerror or error}") from None
    print(card)
