"""Damaged exports and records: sample, evaluate, compare and load give one line, and never another exception."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import gan_zoo
from gan_zoo.commands import compare, evaluate, sample
from gan_zoo.errors import UserError
from gan_zoo.export import METADATA
from gan_zoo.export.checksums import CHECKSUMS
from tests.evaluation.tiny import SHAPE

EXPORT = Path("runs/tiny/export")
GRAPH, VARIABLES = EXPORT / "saved_model.pb", EXPORT / "variables" / "variables.data-00000-of-00001"
FLIPPED = (3, 1000, 5000, 20_000)  # bytes of the graph, in each of which a bit is changed


def _refused(command, *argv: str) -> str:
    before = sorted(str(path) for path in Path().rglob("*"))
    with pytest.raises(UserError) as caught:
        command(*argv)
    assert sorted(str(path) for path in Path().rglob("*")) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _sample() -> str:
    return _refused(sample.run, [f"--saved_model={EXPORT}", "--out=out.png", "--count=2"])


def _flip(path: Path, byte: int) -> None:
    data = bytearray(path.read_bytes())
    data[byte % len(data)] ^= 1 << byte % 8
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _describe(**changes) -> None:
    """Changes what the export says of itself: values of keys, a dot for one in another."""
    path = EXPORT / METADATA
    about = json.loads(path.read_text())
    for name, value in changes.items():
        *outer, last = name.split("__")
        place = about
        for key in outer:
            place = place[key]
        place[last] = value
    path.write_text(json.dumps(about))


@pytest.mark.parametrize("damage", [
    *(lambda byte=byte: _flip(GRAPH, byte) for byte in FLIPPED), lambda: _flip(VARIABLES, 40), lambda: _cut(VARIABLES),
    lambda: _cut(EXPORT / "variables" / "variables.index"), lambda: _cut(GRAPH), VARIABLES.unlink,
    lambda: (EXPORT / CHECKSUMS).write_text("no checksums\n"), lambda: (EXPORT / CHECKSUMS).write_bytes(b"\xff")])
def test_files_that_are_not_as_they_were_written(damage):
    damage()
    assert _sample().startswith(f"--saved_model={EXPORT} is damaged, export it again: ")
    assert "is damaged, export it again" in _refused(evaluate.run, ["--run_dir=runs/tiny"])
    assert "is damaged, export it again" in _refused(gan_zoo.load, "runs/tiny")


@pytest.mark.parametrize("damage", [
    lambda: GRAPH.write_bytes(b""), lambda: GRAPH.write_text("no graph"), lambda: _cut(VARIABLES), lambda: _cut(GRAPH),
    lambda: shutil.rmtree(EXPORT / "variables")])
def test_exports_of_old_have_no_checksums(damage):
    (EXPORT / CHECKSUMS).unlink()
    damage()
    assert _sample().startswith(f"--saved_model={EXPORT} ")


@pytest.mark.parametrize("byte", FLIPPED)
def test_a_bit_of_a_graph_without_checksums(byte):
    """Another bit of a name or of a documentation may change nothing."""
    (EXPORT / CHECKSUMS).unlink()
    _flip(GRAPH, byte)
    said = ""
    try:
        sample.run([f"--saved_model={EXPORT}", "--out=out.png", "--count=2"])
    except UserError as error:
        said = str(error)
    assert said.startswith(f"--saved_model={EXPORT} ") != Path("out.png").exists()


def _save_functions(images, size: int = 6) -> None:
    """A SavedModel in the place of the export. images: noise → images; size: of the noise."""
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None, size], tf.float32)])
    def serving_default(noise):
        return {"images": images(noise)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32)] * 2)
    def noise(num_images, seed):
        return {"noise": tf.zeros([num_images, size])}

    shutil.copy(EXPORT / METADATA, "about.json")
    tf.saved_model.save(module, str(EXPORT), signatures={"serving_default": serving_default, "noise": noise})
    (EXPORT / METADATA).parent.mkdir(exist_ok=True)
    shutil.move("about.json", EXPORT / METADATA)
    (EXPORT / CHECKSUMS).unlink()


def _python(noise):
    """By a py_function of the process that wrote the export, which no other knows."""
    made = tf.raw_ops.EagerPyFunc(input=[noise], token="of another process", Tout=[tf.float32], is_async=False)
    return tf.ensure_shape(made[0], [None, *SHAPE])


@pytest.mark.parametrize(("images", "size", "message"), [
    (_python, 6, "can't be run, its serving_default fails"),
    (lambda noise: tf.zeros([tf.shape(noise)[0], 4, 4, 1]), 6, "its images have the shape [2, 4, 4, 1], but it says"),
    (lambda noise: tf.zeros([tf.shape(noise)[0], *SHAPE]), 5, "its noise have the shape [2, 5], but it says of itself"),
    (lambda noise: tf.zeros([tf.shape(noise)[0] + 1, *SHAPE]), 6, "its images have the shape"),
    (lambda noise: tf.fill([tf.shape(noise)[0], *SHAPE], np.float32("nan")), 6, "is not finite")],
    ids=["Python", "another size", "another latent", "another count", "NaN"])
def test_a_strange_graph(images, size, message):
    _save_functions(images, size)
    assert message in _sample()


@pytest.mark.parametrize("changes", [
    {"latent__size": "6"}, {"latent__size": 0}, {"latent__size": 10**400}, {"latent__spherical": "yes"},
    {"image_shape": [8, 8]}, {"image_shape": [8, 8, -1]}, {"image_shape": "888"}, {"image_shape": None},
    {"value_range": [1, -1]}, {"value_range": ["a", "b"]}, {"value_range": 3}, {"packing": 0}, {"packing": [1]},
    {"metadata": [1]}, {"metadata__step": "x"}, {"metadata__flags": [1]}, {"latent": []}, {"latent__codes": 3},
    {"latent__codes": [{"name": 3}]}, {"latent__label": {"values": "x", "classes": [0], "class_names": []}},
    {"latent__label": {"values": 2, "classes": [5], "class_names": []}}, {"latent__label": [1]},
    {"latent__label": {"values": 2, "classes": [0], "class_names": [1, 2]}}])
def test_wrong_types_in_a_description(changes):
    _describe(**changes)
    assert "is not an export of gan_zoo: what it says of itself is" in _sample()


@pytest.mark.parametrize("record", [
    b"", b"{", b"[]", b"3", b"{}", b"\xff", b"[" * 100_000, {"flags": []}, {"flags": None}, {"flags": {"model": 5}},
    {"flags": {"batch_size": "32"}}, {"flags": {"batch_size": None}}, {"flags": {"conditional": "no"}},
    {"flags": {"epochs": "many"}}, {"flags": {"instance_noise": []}}, {"flags": {"dataset": ["digits"]}},
    {"flags": {"run_dir": "a\0b"}}, {"flags": {"seed": 1.5}}, {"step": "nine"}, {"step": []}, {"evaluation": 3},
    {"evaluation": {"best": [1]}}, {"evaluation": {"best": {"step": "x"}}}, {"evaluation": {"best": {"frechet": "x"}}},
    {"verdicts": 3}, {"verdicts": [3]}, {"verdict": 3}, {"seconds_training": "long"}, {"status": 5},
    {"exported_step": "x"}, {"format": "two"}, {"reason": []}])
def test_a_record_of_wrong_types(record):
    path = Path("runs/tiny/run.json")
    if isinstance(record, dict):
        whole = json.loads(path.read_text())
        changes = record.get("flags")
        flags = whole["flags"] | changes if isinstance(changes, dict) else changes
        record = json.dumps(whole | record | ({"flags": flags} if "flags" in record else {})).encode()
    path.write_bytes(record)
    for command, argv in ((evaluate.run, ["--run_dir=runs/tiny"]), (compare.run, ["runs/tiny"]),
                          (gan_zoo.load, "runs/tiny")):
        assert str(path) in _refused(command, argv)


@pytest.mark.parametrize("records", [b"[", b"[]", b'{"frechet": 3}', b"\xff"])
def test_measurements_of_wrong_types(records):
    Path("runs/tiny/metrics.json").write_bytes(records)
    for command, argv in ((evaluate.run, ["--run_dir=runs/tiny"]), (compare.run, ["runs/tiny"])):
        assert "metrics.json" in _refused(command, argv)


def test_a_run_that_can_not_be_written(monkeypatch):
    """Told before anything is measured."""
    def read_only(*args, **kwargs):
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr("gan_zoo.files.tempfile.TemporaryFile", read_only)
    assert _refused(evaluate.run, ["--run_dir=runs/tiny"]) == (
        "--run_dir=runs/tiny can't be written to (Read-only file system): name another folder with --out")


def test_an_export_whose_path_tensorflow_takes_for_a_pattern():
    shutil.move(EXPORT, "runs/tiny/[export]")
    assert r"[ ] in " in _refused(sample.run, ["--saved_model=runs/tiny/[export]", "--out=out.png", "--count=2"])
