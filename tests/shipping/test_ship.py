"""What is shipped against the SavedModel, in other programs."""

import json
import re
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import latents
from gan_zoo.commands import ship
from gan_zoo.errors import UserError
from tests.browsers import needs_browser, opened
from tests.export.networks import an_export, gan, linear

SHAPE = (10, 8, 1)
FORMS = "onnx,tflite,html"


def _convolutional(label: bool) -> SimpleNamespace:
    """A generator as a DCGAN's, a discriminator that convolves, and random weights that leave no pixel at an end."""
    from gan_zoo.layers import BatchNormalization, BilinearUpsampling, OneHot

    noise, classes = keras.Input([6]), keras.Input([], dtype="int32")
    x = keras.layers.Concatenate()([noise, OneHot(3)(classes)]) if label else noise
    x = keras.layers.LeakyReLU()(BatchNormalization()(keras.layers.Dense(7 * 6 * 16, use_bias=False)(x)))
    x = BilinearUpsampling((12, 10))(keras.layers.Reshape([7, 6, 16])(x))
    x = keras.layers.Conv2D(1, 3, activation="tanh")(x)
    generator = keras.Model([noise, classes] if label else noise, x)
    images = keras.Input(SHAPE)
    body = keras.Model(images, keras.layers.Flatten()(keras.layers.Conv2D(5, 3, strides=2, activation="elu")(images)))
    rng = np.random.default_rng(0)
    for variable in (*generator.variables, *body.variables):
        variable.assign(rng.uniform(0.5, 1.5, variable.shape) if "variance" in variable.path
                        else rng.normal(0, 0.3, variable.shape))
    return gan(generator, body, {"score": linear(rng.normal(size=[60, 1]))})


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A conditional export, shipped in all forms that need no run: .folder, .export, .card."""
    folder = tmp_path_factory.mktemp("shipped")
    label = latents.label_of(latents.Classes((0, 2), ("a<b", "two", "tree & 3")))
    of = an_export(str(folder / "model"), _convolutional(True), latent="normal(6)", label=label)
    ship.run([str(folder / "model"), f"--format={FORMS}", f"--out={folder / 'out'}", "--title=</script><b>odd"])
    return SimpleNamespace(folder=folder / "out", loaded=of.loaded, card=(folder / "out" / "model_card.md").read_text())


def _given(count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(count)
    return {"noise": rng.normal(size=[count, 6]).astype("f"), "label": rng.choice([0, 2], count).astype(np.int32)}


def _images(count: int) -> dict[str, np.ndarray]:
    return {"images": np.random.default_rng(count).integers(0, 256, [count, *SHAPE], np.uint8)}


CALLS = {"generator": ("serving_default", _given), "discriminator": ("discriminate", _images)}


@pytest.mark.parametrize("name", CALLS)
def test_onnx_and_litert_give_what_the_savedmodel_gives_for_batches_of_any_size(shipped, name):
    import onnxruntime
    from ai_edge_litert.interpreter import Interpreter

    signature, given = CALLS[name]
    session = onnxruntime.InferenceSession(shipped.folder / f"{name}.onnx")
    for count in (1, 5):
        inputs = given(count)
        wanted = {key: value.numpy() for key, value in
                  shipped.loaded.signatures[signature](**{k: tf.constant(v) for k, v in inputs.items()}).items()}
        found = dict(zip([each.name for each in session.get_outputs()], session.run(None, inputs), strict=True))
        runner = Interpreter(str(shipped.folder / f"{name}.tflite")).get_signature_runner(name)
        for values in (found, runner(**inputs)):
            assert values.keys() == wanted.keys()
            for key, value in wanted.items():
                np.testing.assert_allclose(values[key], value, atol=1e-5, rtol=1e-5, err_msg=key)


def test_an_onnx_file_says_what_goes_in_and_comes_out(shipped):
    import onnxruntime

    told = onnxruntime.InferenceSession(shipped.folder / "generator.onnx").get_modelmeta().custom_metadata_map
    assert json.loads(told["value_range"]) == [-1.0, 1.0]
    assert json.loads(told["class_names"]) == ["a<b", "two", "tree & 3"]
    assert json.loads(told["classes"]) == [0, 2]
    assert json.loads(told["noise"]) == [{"distribution": "normal", "mean": 0.0, "stddev": 1.0, "offset": 0, "size": 6}]


@needs_browser
def test_the_page_is_within_three_grey_levels_of_the_savedmodel_and_asks_for_nothing(shipped):
    page = (shipped.folder / "playground.html").read_text("utf-8")
    assert not re.search(r"""(src|href)\s*=\s*["']?(?!https://arxiv\.org/abs/)[a-z]+:|@import|fetch\(|XMLHttp""", page)
    seen = opened((shipped.folder / "playground.html").as_uri() + "#check")
    assert int(re.search(r'data-difference="(\d+)"', seen)[1]) <= 3
    assert "&lt;/script&gt;&lt;b&gt;odd" in seen  # the title, as text
    assert re.findall(r'<button data-label="\w+"[^>]*>([^<]*)', seen) == ["any", "a&lt;b", "tree &amp; 3"]


def test_the_card_says_what_whoever_gets_the_files_must_know(shipped):
    for text in ("# </script><b>odd", "`generator.onnx`", "columns 0 to 5: normal (mean 0, stddev 1)", "`label`: int32",
                 "tree & 3", "from -1 to 1", "Not measured",
                 "The discriminator takes `images` (uint8 [N, 10, 8, 1]) and gives `probability` (float32 [N, 1]), ",
                 '"label": np.zeros(4, "int32")', "grey levels from the SavedModel's", "## Data and licence"):
        assert text in shipped.card


def test_int8_weights_come_with_their_error(shipped, capsys):
    ship.run([str(shipped.folder.parent / "model"), "--format=tflite", "--int8", f"--out={shipped.folder}"])
    said = capsys.readouterr().out
    assert re.search(r"generator_int8.tflite .*, [\d.e-]+ grey levels on average, [\d.]+ at most", said)
    assert (shipped.folder / "generator.tflite").exists()


def test_points_and_packs_can_be_shipped_but_not_as_a_page(tmp_path, capsys):
    generator = keras.Sequential([keras.Input([4]), keras.layers.Dense(2), keras.layers.Reshape([1, 1, 2])])
    body = keras.Sequential([keras.Input([1, 1, 4]), keras.layers.Flatten()])
    an_export(str(tmp_path / "points"), gan(generator, body, {"score": linear(np.ones([4, 1]))}, value_range=None,
                                            packing=2))
    ship.run([str(tmp_path / "points"), "--format=onnx"])
    assert "from the SavedModel's in onnxruntime" in capsys.readouterr().out
    with pytest.raises(UserError, match=r"--format=html is a page for images, and .*points makes points"):
        ship.run([str(tmp_path / "points")])


MISTAKES = {
    "name one run's folder": [],
    "unknown format 'onxx': did you mean 'onnx'": ["{model}", "--format=html,onxx"],
    "--format is empty: name some of html, keras, onnx, tflite": ["{model}", "--format=,"],
    "--format=keras is of a run": ["{model}", "--format=keras"],
    "is neither a run nor an export": ["{tmp}"],
    "has no export yet: .*gan-zoo export": ["{tmp}/unfinished"],
    "--out=.* is a file: name a folder": ["{model}", "--out={tmp}/unfinished/run.json"],
}


@pytest.mark.parametrize("message", MISTAKES)
def test_a_mistake_is_told_in_a_line(shipped, tmp_path, message):
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "run.json").write_text("{}")
    places = {"model": str(shipped.folder.parent / "model"), "tmp": str(tmp_path)}
    with pytest.raises(UserError, match=message):
        ship.run([argument.format(**places) for argument in MISTAKES[message]])


def test_a_missing_package_is_named_with_the_line_that_installs_it(shipped, tmp_path, monkeypatch):
    from gan_zoo.shipping import base

    monkeypatch.setattr(base.importlib.util, "find_spec", lambda name: None if "onnx" in name else object())
    with pytest.raises(UserError, match=r"--format=onnx needs .* pip install tf2onnx onnx onnxruntime$"):
        ship.run([str(shipped.folder.parent / "model"), "--format=onnx", f"--out={tmp_path / 'no'}"])
    assert not (tmp_path / "no").exists()


def test_what_is_not_finite_is_no_match():
    from gan_zoo.shipping.base import difference

    exact = {"images": np.array([1.0, np.inf, 4.0])}
    assert difference(exact, {"images": np.array([1.5, np.nan, 4.0])}) == 0.5  # where the export has none either
    with pytest.raises(UserError, match="gives images that are not finite"):
        difference(exact, {"images": np.array([1.0, np.inf, np.nan])})
