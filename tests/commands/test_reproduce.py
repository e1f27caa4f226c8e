"""gan-zoo reproduce: trains, measures, shows and keeps a row; and the page that is made of what is kept."""

import json
import math
import re
import signal
import statistics

import pytest

from gan_zoo import metrics
from gan_zoo.__main__ import run as shell
from gan_zoo.commands import reproduce
from gan_zoo.commands.flags import parse
from gan_zoo.errors import UserError
from gan_zoo.results import page, records, rows
from gan_zoo.results.records import Record, Value
from gan_zoo.training.plan import draft
from gan_zoo.training.run_directory import recorded
from gan_zoo.training.trainer import Trainer
from tests.comparison.crafted import craft
from tests.documents import ROOT

TABLE = """
title = "Small"
metrics = "sliced_wasserstein(features='pca', samples=64)"
[columns]
"distance" = "sliced_wasserstein.sliced_wasserstein"
"loss of D" = "epoch.discriminator_loss"
"verdict" = "run.verdict"
"minutes" = "run.minutes"
[rows.small]
title = "an MLP"
flags = ["--model=mlp", "--dataset=digits", "--image_size=8", "--batch_size=32", "--latent=normal(4)", "--epochs=1",
         "--sample_count=4", "--evaluate_every_steps=10"]
seeds = [0, 1]
published."sliced_wasserstein.sliced_wasserstein" = {value = 0.1, error = 0.01, source = "a paper"}
"""
DISTANCE = "sliced_wasserstein.sliced_wasserstein"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(the folder, what an interrupted command, one that goes on and a third printed)."""
    folder, said, statuses = tmp_path_factory.mktemp("results"), [], []
    (folder / "tables").mkdir()
    (folder / "tables" / "small.toml").write_text(TABLE)
    played = Trainer.play

    def interrupting(trainer, first_step, count):
        if trainer.plan.experiment.seed == 1:
            signal.raise_signal(signal.SIGTERM)
        return played(trainer, first_step, count)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "FOLDER", folder / "tables")
        patch.setattr("builtins.print", lambda *texts, **_: said[-1].append(" ".join(map(str, texts))))
        patch.setattr(Trainer, "play", interrupting)
        command = ["reproduce", "small", f"--runs={folder / 'runs'}", f"--out={folder / 'kept'}"]
        for code in (128 + signal.SIGTERM, 0):
            said.append([])
            assert shell(command) == code
            statuses.append([recorded(folder / "runs" / "small" / f"seed_{seed}")["status"] for seed in (0, 1)])
            patch.setattr(Trainer, "play", played)
        patch.setattr(Trainer, "play", None)  # what is complete is not trained again
        said.append([])
        assert shell(command) == 0
    assert statuses == [["complete", "interrupted"], ["complete", "complete"]]
    return folder, ["\n".join(lines) for lines in said]


def test_a_row_is_made_with_its_seeds_and_goes_on(made):
    folder, (interrupted, whole, again) = made
    assert "--seed=1 --run_dir=" in interrupted
    assert "gan-zoo evaluate" not in interrupted
    assert interrupted.count("gan-zoo train") == whole.count("gan-zoo train") == whole.count("gan-zoo evaluate") == 2
    each = [json.loads((folder / "runs" / "small" / f"seed_{seed}" / "metrics.json").read_text()) for seed in (0, 1)]
    values = [next(iter(found.values()))["results"]["sliced_wasserstein"] for found in each]
    kept = records.read(folder / "kept", "small")
    assert kept.seeds == [0, 1]
    assert kept.values[DISTANCE].value == pytest.approx(statistics.fmean(values))
    assert kept.values[DISTANCE].std == pytest.approx(statistics.stdev(values))
    assert kept.values[DISTANCE].error == pytest.approx(statistics.stdev(values) / math.sqrt(2))
    assert kept.values[DISTANCE].floor < kept.values[DISTANCE].value
    assert kept.values["epoch.discriminator_loss"].value > 0
    assert kept.texts["run.verdict"]
    assert kept.about["sliced_wasserstein"]["samples"] == 64
    (line,) = [line for line in again.splitlines() if line.startswith("distance ")]
    number = page.number(kept.values[DISTANCE])
    apart = (kept.values[DISTANCE].value - 0.1) / math.hypot(kept.values[DISTANCE].error, 0.01)
    assert re.split(" {2,}", line)[1:4] == [number, f"{number} (+0.0 s.e.)", f"0.100 ± 0.010 ({apart:+.1f} s.e.)"]


def test_what_is_kept_makes_the_page(made, monkeypatch, capsys):
    folder, _ = made
    monkeypatch.setattr(rows, "FOLDER", folder / "tables")
    text = folder / "page.md"
    text.write_text("before\n<!-- results: small -->\nold\n<!-- end -->\nafter\n")
    assert shell(["reproduce", f"--page={text}", f"--out={folder / 'kept'}"]) == 0
    first, _, head, _, real, row, *_, last = text.read_text().splitlines()
    assert (first, last) == ("before", "after")
    assert head == "| recipe |  | distance | loss of D | verdict | minutes |"
    assert real.startswith("| real images |  | 0.")
    assert row.startswith("| `small` | an MLP | ")
    assert "; 0.100 ± 0.010 in a paper |" in row
    before = text.read_text()
    assert shell(["reproduce", f"--page={text}", f"--out={folder / 'kept'}"]) == 0
    assert text.read_text() == before
    assert shell(["reproduce", "--list", f"--out={folder / 'kept'}"]) == 0
    assert re.search(r"an MLP \(0\.\d+( ± 0\.\d+)? minutes\)", capsys.readouterr().out)
    text.write_text("<!-- results: none -->\n<!-- end -->\n")
    with pytest.raises(UserError, match=r"a table 'none', of which there is no tables/none.toml"):
        shell(["reproduce", f"--page={text}"])


def _record(**about) -> Record:
    provenance = {"dataset": "mnist", "samples": 10, "features": "pca", **about}
    return Record([], [0], {"kid.kid": Value(1.5, 0.1, None, 0.25)}, {}, {"kid": provenance}, {})


def test_values_of_unlike_provenance_do_not_share_a_table():
    each = {name: rows.Row(name, name, (), (0,), "kid", {}) for name in ("one", "other")}
    table = rows.Table("small", "Small", "", {"KID": "kid.kid"}, each, each)
    alike = page.table(table, {"one": _record(), "other": _record()})
    assert alike[2:] == ["| real images |  | 0.25 |", "| `one` | one | 1.50 ± 0.10 |",
                         "| `other` | other | 1.50 ± 0.10 |"]
    unlike = page.table(table, {"one": _record(), "other": _record(samples=20)})
    assert unlike == ["Generated images: 10.", "", *alike[:4], "", "Generated images: 20.", "", *alike[:3], alike[4]]
    elsewhere = table._replace(columns={"FID": "frechet.frechet"})
    assert len(page.table(elsewhere, {"one": _record(), "other": _record(samples=20)})) == 4  # KID is not shown
    shown = reproduce._compared(table, table.rows["one"], _record(), _record(samples=20))
    assert "s.e." not in "".join(shown)
    assert shown[-1] == "kept kid is of another kind: generated images: 20 and 10"


def test_what_one_seed_alone_says_is_kept(tmp_path):
    """And a number that not every seed has is none of the row."""
    row = rows.Row("small", "small", (), (0, 1, 2), "parzen", {})
    found = [{"nats": 1.0}, {"nats": 2.0, "warning": "σ on the edge"}, {"nats": 4.0, "extra": 3.0}]
    folders = [craft(tmp_path / f"seed_{seed}", seed=seed, measured={"parzen": results},
                     record={"versions": {}, "git_revision": "", "ended": ""})
               for seed, results in enumerate(found)]
    record = records.gather(row, row.seeds, folders)
    assert record.values["parzen.nats"].value == pytest.approx(7 / 3)
    assert record.texts["parzen.warning"] == "σ on the edge"
    assert "parzen.extra" not in {**record.values, **record.texts}


def test_a_table_shows_rows_of_others_which_it_does_not_define(tmp_path, monkeypatch):
    (tmp_path / "small.toml").write_text(TABLE)
    (tmp_path / "also.toml").write_text(f'title = "Also"\nshows = ["small"]\n[columns]\n"distance" = "{DISTANCE}"\n')
    monkeypatch.setattr(rows, "FOLDER", tmp_path)
    also = rows.tables()["also"]
    assert not also.rows
    assert rows.find("small")[0].name == "small"
    record = Record([], [0], {DISTANCE: Value(1.5), "run.minutes": Value(1)}, {}, {}, {})
    assert page.table(also, {"small": record})[2:] == ["| `small` | an MLP | 1.5; 0.100 ± 0.010 in a paper |"]


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "name a result, as in gan-zoo reproduce maxout"),
    (["maxuot"], "unknown result 'maxuot': did you mean 'maxout'"),
    (["--page=none.md"], "--page=none.md can't be read"), (["--seed=1"], "unknown flag --seed"),
    (["maxout", "--seeds=x"], "--seeds=x must be whole numbers")])
def test_mistakes(arguments, message):
    with pytest.raises(UserError, match=message):
        reproduce.run(arguments)


def test_a_damaged_record_is_named(tmp_path):
    (tmp_path / "maxout.json").write_text("{")
    with pytest.raises(UserError, match=r"maxout.json can't be read .*: move it away"):
        records.read(tmp_path, "maxout")


def test_the_page_is_what_the_records_give():
    text = (ROOT / "docs" / "results.md").read_text()
    kept = {name: record for table in rows.tables().values() for name in table.rows
            if (record := records.read(ROOT / "docs" / "results", name))}
    assert page.render(text, rows.tables(), kept) == text
    shown = set(page._BLOCK.findall(text))
    assert {name for _, name, _ in shown} == set(rows.tables())


@pytest.mark.parametrize("name", [name for table in rows.tables().values() for name in table.rows])
def test_every_row_can_be_made(name):
    row = rows.find(name)[1]
    kept = records.read(ROOT / "docs" / "results", name)
    assert kept is None or (kept.flags, kept.seeds) == (list(row.flags), list(row.seeds)), "make it anew"
    draft(parse([*row.flags, "--seed=0"]).experiment)
    metrics.build(row.metrics)
