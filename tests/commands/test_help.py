"""The help text of train: every flag, once, in a terminal's width."""

import re
from dataclasses import fields
from types import SimpleNamespace

from gan_zoo import run as runs
from gan_zoo.commands import flags as command_line
from gan_zoo.commands import train
from gan_zoo.experiment import Experiment

FIELDS = [item.name for item in fields(Experiment)]


def test_help_names_every_flag_once_with_its_default_five_first_and_then_under_its_group():
    text = command_line.help_text()
    first = ["model", "dataset", "data_dir", "epochs", "run_dir"]
    names = [*first, *command_line.ACTIONS, "flagfile", "seeds", *(name for name in FIELDS if name not in first)]
    assert re.findall(r"^  --(?:\[no\])?(\w+)", text, re.MULTILINE) == names
    groups = list(dict.fromkeys(item.metadata["group"] for item in fields(Experiment)))
    assert re.findall(r"^(\S.*):$", text, re.MULTILINE)[2:] == groups
    for item in fields(Experiment):
        (entry,) = re.findall(rf"^  --(?:\[no\])?{item.name} .*(?:\n {{10,}}.*)*$", text, re.MULTILINE)
        entry = " ".join(entry.split())
        assert item.metadata["help"] in entry
        assert entry.endswith(f" [{item.default}]") or item.default is None


def test_help_fits_a_terminal_and_tells_the_default_length():
    assert max(map(len, command_line.help_text().splitlines())) <= 110
    assert re.search(r"--epochs .*\[20 epochs\]$", command_line.help_text(), re.MULTILINE)


def test_without_any_flag_it_says_what_that_means_before_it_begins(monkeypatch, capsys):
    seen = []

    def begin(command, forecast):
        seen.append((capsys.readouterr().out, forecast))
        return None, SimpleNamespace(signal=None)

    monkeypatch.setattr(runs, "begin", begin)
    assert train.run([]) == 0
    assert train.run(["--dataset=digits"]) == 0
    (said, with_forecast), other = seen
    assert "--model=dcgan --dataset=mnist --epochs=20" in said
    assert with_forecast
    assert other == ("", False)
