"""Which flags differ, and which runs are seeds of one configuration."""

import pytest

from gan_zoo.comparison.configurations import differing, each, grouped
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment, of_images, without_effect
from tests.comparison.crafted import crafted


def test_what_a_group_of_flags_says_of_them():
    assert without_effect() == {
        "run_dir", "data_dir", "download", "resident_mib", "cache_dir", "strategy", "worker_timeout_s",
        "rounds_per_call", "logical_cpus", "checkpoint_every_steps", "keep_checkpoints", "sample_every_steps",
        "sample_count", "log_every_steps", "histogram_every_steps", "profile_steps"}
    assert set(of_images()) == {"split", "classes", "image_size", "channels", "fit", "image_key", "label_key"}


def test_only_what_differs_in_meaning_differs():
    one = Experiment(latent="normal(100)", augment="flip + translate", run_dir="a").values()
    same = Experiment(latent="normal( 100 )", augment="flip+translate", run_dir="b").values()
    assert differing([one, same]) == []
    assert differing([one, same, Experiment(seed=3, latent="normal(8)", augment="flip+translate").values()]) == [
        "latent", "seed"]
    assert differing([one, one | {"flag_of_another_version": 1}]) == ["flag_of_another_version"]


def test_a_flag_that_an_older_run_did_not_know_has_its_default(tmp_path):
    old, new = crafted(tmp_path / "old"), crafted(tmp_path / "new")
    older = {name: value for name, value in old.record["flags"].items() if name != "packing"}
    (tmp_path / "older").mkdir()
    again = crafted(tmp_path / "older" / "run", record={"flags": older})
    assert differing([again.flags, new.flags]) == []


def test_seeds_of_a_configuration_are_together(tmp_path):
    runs = [crafted(tmp_path / "mlp" / f"seed_{seed}", seed=seed, log_every_steps=seed + 1) for seed in (0, 1)]
    runs += [crafted(tmp_path / "other_3", seed=3, packing=2), crafted(tmp_path / "other_4", seed=4, packing=2),
             crafted(tmp_path / "alone", latent="normal(7)")]
    named = [run.__class__(**vars(run) | {"name": str(run.path.relative_to(tmp_path))}) for run in runs]
    rows = grouped([named[0], named[2], named[1], named[4], named[3]])
    assert [(row.name, row.seeds) for row in rows] == [("mlp", "0, 1"), ("other", "3, 4"), ("alone", "0")]
    assert [row.name for row in each(named)] == [run.name for run in named]


@pytest.mark.parametrize(("names", "common"), [
    (["mlp/seed_0", "mlp/seed_11"], "mlp"), (["mlp_0", "mlp_10"], "mlp"), (["a-seed=1", "a-seed=2"], "a"),
    (["run10", "run11"], "run"), (["alps", "alpha", "al"], "alps and 2 more"), (["alone_3"], "alone_3")])
def test_a_configuration_has_what_names_have_in_common(tmp_path, names, common):
    run = crafted(tmp_path / "run")
    runs = [type(run)(**vars(run) | {"name": name, "flags": run.flags | {"seed": seed}})
            for seed, name in enumerate(names)]
    assert [row.name for row in grouped(runs)] == [common]


def test_a_seed_may_not_count_twice(tmp_path):
    runs = [crafted(tmp_path / name, seed=5) for name in ("one", "again")]
    with pytest.raises(UserError, match=r"one and .*again are one configuration with one --seed=5, .*without --group"):
        grouped(runs)
