"""Pictures one after the other: the samples of a run, what codes do, interpolations."""

import importlib.util
import os
from collections.abc import Sequence

import numpy as np
from PIL import Image

from gan_zoo.files import replacing

VIDEO_PACKAGE = "imageio-ffmpeg"  # which carries a program that writes MP4
_RATE = 25  # pictures a second of a video

FRAMES = 60
_GREYS, _COLORS = 32, 128  # of a frame: fewer than a GIF may have, which halves the file


def progress_gif(sample_paths: Sequence, out, seconds: float = 6) -> list:
    """Writes a looping GIF of the pictures, in order, that takes about `seconds`; the last stays longest.

    Of more than 60 pictures, 60 evenly spaced ones are shown, the first and the last among them. Returns the paths of
    those that can't be read, which are left out; if none can, there is no GIF.
    """
    if not sample_paths:
        raise ValueError("progress_gif needs at least one picture")
    picks = np.linspace(0, len(sample_paths) - 1, min(len(sample_paths), FRAMES)).round().astype(int)
    frames, unreadable = [], []
    for path in (sample_paths[index] for index in picks):
        try:
            frames.append(_frame_of(path))
        except (OSError, ValueError, SyntaxError):  # what Pillow raises for a broken file
            unreadable.append(path)
    if not frames:
        return unreadable
    last = frames[-1]
    frames = [frame.resize(last.size) if frame.size != last.size else frame for frame in frames]
    hold = 1000 * seconds / 4
    each = (1000 * seconds - hold) / max(len(frames) - 1, 1)
    _write_gif(frames, [max(20, round(each))] * (len(frames) - 1) + [round(hold)], out)
    return unreadable


def _frame_of(path) -> Image.Image:
    with Image.open(os.fspath(path)) as picture:
        grey = picture.mode == "L"
        return picture.convert("L" if grey else "RGB").quantize(_GREYS if grey else _COLORS, dither=Image.Dither.NONE)


def animation(pictures: Sequence[np.ndarray], out, seconds: float = 3) -> None:
    """Writes a looping GIF of pictures uint8 [h, w, 1 or 3] of one size, evenly over `seconds`."""
    frames = [Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).quantize(
        _GREYS if picture.shape[-1] == 1 else _COLORS, dither=Image.Dither.NONE) for picture in pictures]
    _write_gif(frames, [max(20, round(1000 * seconds / len(frames)))] * len(frames), out)


def _write_gif(frames: list[Image.Image], durations: list[int], out) -> None:
    """durations: of each frame in milliseconds."""
    with replacing(out) as temporary:
        frames[0].save(temporary, format="GIF", save_all=True, append_images=frames[1:], duration=durations,
                       loop=0, optimize=False)


def can_write_mp4() -> bool:
    """Whether the package for it is installed."""
    return importlib.util.find_spec(VIDEO_PACKAGE.replace("-", "_")) is not None


def video(pictures: Sequence[np.ndarray], out) -> None:
    """Writes pictures uint8 [h, w, 1 or 3] of one size, 25 a second, as a GIF or, by the name, as MP4 (H.264)."""
    if not os.fspath(out).lower().endswith(".mp4"):
        animation(pictures, out, len(pictures) / _RATE)
        return
    import imageio_ffmpeg  # an extra of the package

    height, width, channels = pictures[0].shape
    pad = [(0, height % 2), (0, width % 2), (0, 0)]  # H.264 halves the sides of the colours
    with replacing(out) as temporary:
        writer = imageio_ffmpeg.write_frames(
            temporary, (width + width % 2, height + height % 2), fps=_RATE, codec="libx264", macro_block_size=2,
            pix_fmt_in="gray" if channels == 1 else "rgb24", quality=8)
        writer.send(None)
        for picture in pictures:
            writer.send(np.ascontiguousarray(np.pad(picture, pad, constant_values=255)))
        writer.close()
