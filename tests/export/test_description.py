"""What an export says of itself: through JSON and back, as a file of a known form, and every mistake in one line."""

import json
import math
from pathlib import Path

import pytest

from gan_zoo import latents
from gan_zoo.errors import UserError
from gan_zoo.export import METADATA, Description, describe, read_metadata
from gan_zoo.export.description import Classes, from_json

PLAIN = Description(4, True, (4, 3, 1), (-1.0, 1.0), metadata={"step": 7, "flags": {"seed": None}})
NORMAL = {"distribution": "normal", "mean": 0.0, "stddev": 1.0, "offset": 0}
POINTS = Description(2, True, (1, 1, 2), None, priors=(NORMAL | {"size": 2},))
LABELLED = Description(4, True, (4, 3, 3), (0.0, 1.0), classes=Classes(3, (0, 2), ("cat", "dog", "owl")), packing=1,
                       priors=(NORMAL | {"size": 4},))
CODED = latents.build("noise(3) + categorical(4, name='digit') + uniform(1)")
EVERYTHING = Description(CODED.size, False, (8, 8, 1), (-2.0, 3.5), CODED.blocks(), Classes(2, (0, 1)), 3, {"a": [1]},
                         CODED.priors())


@pytest.mark.parametrize("about", [PLAIN, POINTS, LABELLED, EVERYTHING], ids=["plain", "points", "labelled", "all"])
def test_through_json_and_back(about):
    assert from_json(about.to_json(), "here") == about
    assert about.are_points == (about is POINTS)


def test_the_file_is_of_a_known_form():
    """Other programs read it, so that no name in it may change."""
    assert json.loads(LABELLED.to_json()) == {
        "format": 2, "value_range": [0.0, 1.0], "image_shape": [4, 3, 3], "packing": 1, "metadata": {},
        "latent": {"size": 4, "spherical": True,
                   "prior": [{"distribution": "normal", "mean": 0.0, "stddev": 1.0, "offset": 0, "size": 4}],
                   "label": {"values": 3, "classes": [0, 2], "class_names": ["cat", "dog", "owl"]}}}
    digit, real = json.loads(EVERYTHING.to_json())["latent"]["codes"]
    assert digit == {"name": "digit", "discrete": True, "values": 4, "size": 4, "offset": 3, "variance": None,
                     "entropy_nats": pytest.approx(math.log(4), rel=1e-6)}
    assert json.loads(EVERYTHING.to_json())["latent"]["prior"] == [
        {"distribution": "uniform", "low": -1.0, "high": 1.0, "offset": 0, "size": 3},
        {"distribution": "categorical", "offset": 3, "size": 4},
        {"distribution": "uniform", "low": -1.0, "high": 1.0, "offset": 7, "size": 1}]
    assert real == {"name": "c2", "discrete": False, "values": None, "size": 1, "offset": 7,
                    "variance": pytest.approx(1 / 3), "entropy_nats": pytest.approx(math.log(2), rel=1e-6)}


def test_of_networks_and_latents():
    label = latents.label_of(latents.Classes((0, 2), ("cat", "dog", "owl"), (5, 1)))
    assert describe(latents.build("normal(4)"), label, [4, 3, 3], (0, 1), 1, {}) == LABELLED
    assert describe(latents.build("normal(2)"), None, (1, 1, 2), None, 1, {}) == POINTS


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_metadata_that_are_no_json_are_a_programmers_mistake(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        Description(4, True, (4, 3, 1), None, metadata={"loss": number}).to_json()


def _older(**latent) -> str:
    """As the first format had it, which knew no packing."""
    about = json.loads(PLAIN.to_json()) | {"format": 1}
    about["latent"] |= latent
    del about["packing"]
    return json.dumps(about)


def test_the_first_format_is_read_but_for_labels():
    assert from_json(_older(), "here") == PLAIN
    codes = [code.as_dict() for code in CODED.blocks()]
    assert from_json(_older(size=CODED.size, codes=codes), "here").codes == CODED.blocks()
    label = {"name": "label", "values": 4, "size": 4, "offset": 3, "classes": [1, 3], "class_names": []}
    with pytest.raises(UserError, match=r"^here was exported by an older version of gan_zoo, which had the class in "
                                        r"the noise: call tf.saved_model.load\(.*label=.*, or train again$"):
        from_json(_older(label=label), "here")


@pytest.mark.parametrize(("text", "message"), [
    ("", "is not an export of gan_zoo: what it says of itself can't be read"), ("{", "can't be read"),
    ("[]", "was exported by another version of gan_zoo: it has not format 2"), ("{}", "another version"),
    ('{"format": 3}', "another version"), ('{"format": "2"}', "another version"),
    ('{"format": 2}', "is not an export of gan_zoo: what it says of itself is incomplete"),
    ('{"format": 1}', "incomplete"), ('{"format": 2, "latent": []}', "incomplete"),
    (PLAIN.to_json().replace('"size"', '"sice"'), "incomplete"),
    (PLAIN.to_json().replace('"image_shape": [', '"image_shape": 3, "x": ['), "incomplete"),
    (EVERYTHING.to_json().replace('"offset"', '"ofset"'), "incomplete"),
    (LABELLED.to_json().replace('"class_names"', '"names"'), "incomplete")])
def test_what_can_not_be_read_is_told_in_a_line(text, message):
    with pytest.raises(UserError, match=f"^here .*{message}") as caught:
        from_json(text, "here")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff", b"{"])
def test_a_folder_without_a_readable_file_is_no_export(tmp_path, content):
    if content is not None:
        path = Path(tmp_path, METADATA)
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{tmp_path} is not an export of gan_zoo"):
        read_metadata(tmp_path)
