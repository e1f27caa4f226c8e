"""What is left open: bfloat16 where the processor multiplies it, and what a run began with wherever it goes on."""

import json

import pytest

from gan_zoo import processor
from gan_zoo.experiment import Experiment
from gan_zoo.training import left_open

AUTO = Experiment(precision="auto")


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Sets what the system says of its processor."""
    file = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "_INFORMATION", file)
    return file.write_text


@pytest.mark.parametrize(("units", "wanted"), [
    ("fpu avx512f avx512_bf16 amx_bf16 amx_tile", "mixed_bfloat16"), ("fpu avx2 avx512_bf16", "mixed_bfloat16"),
    ("fpu avx2 avx512f avx512_vnni", "float32"), ("", "float32")])
def test_the_precision_follows_the_processor(said, tmp_path, units, wanted):
    said(f"processor\t: 0\nmodel name\t: A processor\nflags\t\t: {units}\n\nprocessor\t: 1\nflags\t\t: amx_bf16\n")
    assert left_open.settled(AUTO, tmp_path / "none").precision == wanted
    assert left_open.settled(Experiment(precision="float64"), tmp_path / "none") == Experiment(precision="float64")


def test_single_where_nothing_is_known(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "_INFORMATION", tmp_path / "none")
    assert left_open.settled(AUTO, tmp_path).precision == "float32"
    assert processor.described().endswith("of an unknown processor")


def test_a_run_goes_on_in_what_it_began_with(said, tmp_path):
    said("cpu family : 26\nmodel : 2\nmodel name : A processor\nflags : amx_bf16 amx_tile\n")
    (tmp_path / "run.json").write_text(json.dumps({"flags": {"precision": "float32", "best_metric": "frechet"}}))
    assert left_open.settled(AUTO, tmp_path) == Experiment(precision="float32", best_metric="frechet")
    asked = Experiment(precision="float64", best_metric="coverage")
    assert left_open.settled(asked, tmp_path) == asked  # which the run's folder refuses by name
    assert processor.described().endswith("of A processor, family 26 model 2, AMX")
