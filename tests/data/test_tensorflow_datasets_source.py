"""TensorFlow Datasets, on tiny ones that are prepared in a temporary folder; nothing is downloaded."""

import ast
import shutil
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from absl import logging

import gan_zoo.data
from gan_zoo import quiet
from gan_zoo.data import load, locate
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training.plan import draft, plan
from tests.data.tiny_sets import (
    COUNT,
    TinyDeep,
    TinyFailing,
    TinyGrey,
    TinyNumbers,
    TinyPairs,
    TinyRagged,
    TinyText,
)
from tests.data_request import request


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    for builder in (TinyGrey, TinyRagged, TinyDeep, TinyText, TinyPairs, TinyNumbers):
        builder(data_dir=folder, file_format="tfrecord").download_and_prepare()
    return str(folder)


@pytest.fixture
def told(monkeypatch):
    """What is told, though it was told before."""
    lines = []
    monkeypatch.setattr(quiet, "_told", set())
    monkeypatch.setattr(logging, "warning", lambda text, *arguments: lines.append(text % arguments))
    return lines


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr("gan_zoo.data.download.online", lambda: pytest.fail("the network was asked for"))
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)


def test_prepared(prepared):
    dataset = load(request("tiny_grey", prepared))
    assert dataset.image_shape == (10, 10, 1)
    assert dataset.images.dtype == np.uint8
    assert sorted(dataset.images[:, 0, 0, 0]) == list(range(COUNT))
    np.testing.assert_array_equal(dataset.labels, dataset.images[:, 0, 0, 0] % 3)
    assert dataset.labels.dtype == np.int32
    assert dataset.class_names == ("zero", "one", "two")
    assert dataset.name == "tiny_grey/1.0.0"


def test_environment_names_the_folder(prepared, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", prepared)
    assert load(request("tiny_grey:1.0.0", split="test")).count == 5


def test_splits_are_told_before_anything_is_decoded(prepared):
    assert locate(request("tiny_grey", prepared, split="test")).splits == {"train": COUNT, "test": 5}


def test_slices_lie_in_order(prepared):
    whole = load(request("tiny_grey", prepared, split="train+test")).images
    assert len(whole) == COUNT + 5
    for split, expected in [("train[:10%]", whole[:3]), ("train[20:]", whole[20:COUNT]), ("test", whole[COUNT:]),
                            ("train[:2]+train[-2:]", np.concatenate([whole[:2], whole[COUNT - 2:COUNT]]))]:
        np.testing.assert_array_equal(load(request("tiny_grey", prepared, split=split)).images, expected)


def test_classes(prepared):
    dataset = load(request("tiny_grey", prepared, classes="two,0"))
    assert set(dataset.labels) == {0, 2}
    assert dataset.count == 20
    with pytest.raises(UserError, match=r"--classes.*'nine'.*0=zero, 1=one, 2=two"):
        load(request("tiny_grey", prepared, classes="nine"))


def test_streamed(prepared, tmp_path):
    asked = request("tiny_grey", prepared, classes="one", image_size=40)
    streamed = load(asked._replace(resident_mib=0, cache_dir=str(tmp_path)))
    resident = load(asked)
    assert not streamed.resident
    np.testing.assert_array_equal(streamed.images, resident.images)
    np.testing.assert_array_equal(streamed.labels, resident.labels)


def test_ragged_pictures_without_labels(prepared):
    dataset = load(request("tiny_ragged", prepared))
    assert dataset.image_shape == (64, 64, 3)
    assert (dataset.labels, dataset.class_names) == (None, ())
    assert (dataset.images[..., 1] == 255).all()
    assert sorted(dataset.images[:, 32, 32, 0]) == list(range(COUNT))
    with pytest.raises(UserError, match=r"--classes=1.*no labels"):
        load(request("tiny_ragged", prepared, classes="1"))


def test_requested_shape(prepared):
    assert load(request("tiny_ragged", prepared, image_size=20, channels=1)).image_shape == (20, 20, 1)
    enlarged = load(request("tiny_grey", prepared, image_size=32, channels=3)).images
    assert enlarged.shape == (COUNT, 32, 32, 3)
    assert (enlarged == enlarged[:, :1, :1, :1]).all()


def test_sixteen_bits_are_scaled(prepared):
    images = load(request("tiny_deep", prepared)).images
    assert np.abs(np.sort(images[:, 0, 0, 0].astype(int)) - np.arange(COUNT)).max() <= 1


@pytest.mark.parametrize(("fields", "highest", "names"), [
    ({}, 200 + COUNT - 1, ("0", "1", "2")), ({"image_key": "picture"}, COUNT - 1, ("0", "1", "2")),
    ({"label_key": "kind"}, 200 + COUNT - 1, ("a", "b")), ({"label_key": "number"}, 200 + COUNT - 1, tuple("01234"))])
def test_without_supervised_keys_the_first_by_name_or_what_is_named(prepared, told, fields, highest, names):
    data = load(request("tiny_pairs", prepared, **fields))
    assert (data.images.max(), data.class_names) == (highest, names)
    np.testing.assert_array_equal(data.labels, data.images[:, 0, 0, 0] % 200 % len(names))
    for flag, words in (("image_key", "of its images mask, picture mask is taken (--image_key takes another)"),
                        ("label_key", "of its labels breed, kind breed is taken (--label_key takes another)")):
        assert (words in "".join(told)) == (flag not in fields)


@pytest.mark.parametrize(("fields", "message"), [
    ({"image_key": "kind"}, "--image_key=kind is no image of these examples: choices: mask, picture"),
    ({"label_key": "kinds"}, "--label_key=kinds is no label of these examples: did you mean 'kind'"),
    ({"label_key": "identity"}, "--label_key=identity: its numbers go up to 29,000, and classes without names may ")])
def test_wrong_keys(prepared, fields, message):
    with pytest.raises(UserError) as error:
        load(request("tiny_pairs", prepared, **fields))
    assert str(error.value).startswith(message)


def test_numbers_are_classes_and_minus_one_is_none(prepared, told):
    """"image" goes before "alpha". Without a class for all of them no image has one, unless --classes chooses."""
    data = load(request("tiny_numbers", prepared))
    assert data.class_names == tuple("0123")
    np.testing.assert_array_equal(data.labels, data.images[:, 0, 0, 0] % 4)
    test = load(request("tiny_numbers", prepared, split="test"))
    assert (test.count, test.labels, test.class_names) == (5, None, ())
    assert any("2 of its 5 images have no class (label −1)" in line for line in told)
    assert sorted(load(request("tiny_numbers", prepared, split="test", classes="2,3,0,1")).labels) == [0, 2, 3]
    with pytest.raises(UserError, match=r"--conditional needs the classes.*\(2 of its 5 images have no class"):
        plan(draft(Experiment(dataset="tiny_numbers", data_dir=prepared, split="test", conditional=True)))


def test_images_that_are_not_square_are_told(prepared, told):
    assert load(request("tiny_numbers", prepared)).image_shape == (8, 8, 1)
    assert "its images are 16x8: --fit=crop takes the central square" in told[-1]
    padded = load(request("tiny_numbers", prepared, fit="pad")).images
    np.testing.assert_array_equal(padded[:, :, 4, 0].max(axis=0), [0, 0, *[COUNT - 1] * 4, 0, 0])


@pytest.mark.parametrize(("fields", "told"), [
    ({"split": "valid"}, "--split=valid.*train .30., test .5."),
    ({"split": "train[:31]"}, "--split=.*train .30."),
    ({"split": "train["}, "--split="),
    ({"split": "train[3:3]"}, "--split=.*no image"),
    ({"dataset": "tiny_text"}, "--dataset=tiny_text/1.0.0 has no images, only text"),
    ({"dataset": "minst"}, "--dataset=minst is unknown: did you mean 'mnist'.*digits, folder"),
    ({"dataset": "CIFAR10"}, "did you mean 'cifar10'"),
    ({"dataset": "digit"}, "did you mean 'digits'"),
    ({"dataset": "not a name!"}, "--dataset=not a name! is unknown"),
    ({"dataset": ""}, "--dataset= is unknown"),
    ({"dataset": "tfds"}, "--dataset=mnist"),
    ({"dataset": "mnist:9.9.9"}, "--dataset=mnist:9.9.9.*9.9.9"),
    ({"data_dir": "/does/not/exist"}, "--data_dir=/does/not/exist does not exist"),
])
def test_wrong_request(prepared, fields, told):
    with pytest.raises(UserError, match=told) as caught:
        load(request("tiny_grey", prepared)._replace(**fields))
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_named_as_a_dataset(tmp_path, monkeypatch):
    (tmp_path / "pics").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in ("../pics", str(tmp_path / "pics")):
        with pytest.raises(UserError) as error:
            load(request(name))
        assert str(error.value) == (f"--dataset={name} is a folder: for the pictures in it write --dataset=folder "
                                    f"--data_dir={name}")


def test_damaged_record(prepared, tmp_path):
    shutil.copytree(prepared, tmp_path / "copy")
    (record,) = (tmp_path / "copy" / "tiny_grey").rglob("*train.tfrecord*")
    data = bytearray(record.read_bytes())
    data[len(data) // 2] ^= 255
    record.write_bytes(data)
    with pytest.raises(UserError, match=r"--dataset=tiny_grey/1.0.0.*cannot be read"):
        load(request("tiny_grey", str(tmp_path / "copy")))


@pytest.mark.parametrize("download", [False, True])
def test_not_prepared_names_the_ways_out(tmp_path, monkeypatch, download):
    monkeypatch.setattr("gan_zoo.data.download.online", lambda: False)
    with pytest.raises(UserError, match=r"TFDS_DATA_DIR.*--dataset=digits.*--dataset=folder --data_dir=") as caught:
        load(request("mnist", str(tmp_path), download=download))
    assert "--dataset=mnist is not prepared" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert ("--nodownload" in str(caught.value)) != download


def test_prepares_when_online(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("gan_zoo.data.download.online", lambda: True)
    monkeypatch.setattr(tfds, "builder", lambda name, data_dir: TinyGrey(data_dir=data_dir, file_format="tfrecord"))
    assert load(request("tiny_grey", str(tmp_path))).count == COUNT
    assert f"downloading tiny_grey/1.0.0 to {tmp_path}" in capsys.readouterr().err


def test_failed_preparation_keeps_its_cause(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_zoo.data.download.online", lambda: True)
    monkeypatch.setattr(tfds, "builder", lambda name, data_dir: TinyFailing(data_dir=data_dir))
    with pytest.raises(UserError, match=r"--dataset=tiny_failing.*the checksum is wrong") as caught:
        load(request("tiny_failing", str(tmp_path)))
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("answers", [False, True])
def test_offline_is_told_within_ten_seconds(tmp_path, monkeypatch, answers):
    """Behind a proxy that refuses, and behind one that takes the call and is silent."""
    monkeypatch.undo()
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        if answers:
            proxy.listen()
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        start = time.monotonic()
        with pytest.raises(UserError, match=r"storage\.googleapis\.com"):
            load(request("mnist", str(tmp_path)))
        assert time.monotonic() - start < 10


def test_is_imported_only_when_needed():
    for path in Path(gan_zoo.data.__file__).parent.glob("*.py"):
        imported = [node for node in ast.parse(path.read_text(encoding="utf-8")).body
                    if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not any("tensorflow_datasets" in {alias.name.split(".")[0] for alias in node.names}
                       or getattr(node, "module", "") == "tensorflow_datasets" for node in imported), path
