"""How often the verdicts of a run err: `python -m gan_zoo.experiments.alarm`.

Trains every case of gan_zoo.experiments.alarm_cases that is not there yet, and writes its series of checks and a
picture; then sets the threshold by the calibration runs and counts what the rules say of the others.
"""

import json
import sys
from pathlib import Path
from typing import Any

from absl import flags

from gan_zoo.commands import startup
from gan_zoo.errors import UserError
from gan_zoo.experiments.alarm_cases import cases
from gan_zoo.files import check_writable, write_text
from gan_zoo.judging import calibration
from gan_zoo.quiet import quiet

_HELP = """python -m gan_zoo.experiments.alarm [--flag=value …]

Calibrates the verdicts of runs and counts their errors on runs that set nothing. Goes on where it was stopped.

  --out=runs/alarm       where series, pictures and report.json go
  --processes=2          trainings at a time, on a core each
  --only=TEXT            train only those whose names hold this; no report
  --pictures=DIR         draw there an example of each verdict that a run in --out had
  --write_calibration    make the scores of the calibration runs those of the package
  --help                 this text
"""


def run(argv: list[str]) -> None:
    """The entry point; `argv` is without the program's name."""
    values = flags.FlagValues()
    flags.DEFINE_string("out", "runs/alarm", "", flag_values=values)
    flags.DEFINE_integer("processes", 2, "", lower_bound=1, upper_bound=1024, flag_values=values)
    flags.DEFINE_string("only", "", "", flag_values=values)
    flags.DEFINE_string("pictures", "", "", flag_values=values)
    flags.DEFINE_boolean("write_calibration", False, "", flag_values=values)
    if not startup.read(values, argv):
        print(_HELP, end="")
        return
    given: dict[str, Any] = {name: values[name].value for name in values}
    given |= {name: startup.path(name, given[name]) for name in ("out", "pictures")}
    with quiet():
        from gan_zoo.experiments import alarm_pictures, alarm_report, alarm_runs
    folder = Path(given["out"])
    chosen = [case for case in cases() if given["only"] in case.name]
    if not chosen:
        raise UserError(f"--only={given['only']}: no case has that in its name; there are "
                        f"{', '.join(sorted({case.name.rpartition('_')[0] for case in cases()}))}")
    for name in ("out", *(["pictures"] if given["pictures"] else [])):
        check_writable(given[name], f"--{name}")
    alarm_runs.train([case for case in chosen if not alarm_report.is_there(folder, case)], folder, given["processes"])
    threshold = calibration.threshold()
    if not given["only"]:
        report = alarm_report.report(folder, chosen)
        write_text(folder / "report.json", json.dumps(report, indent=1) + "\n")
        print(alarm_report.as_text(report))
        threshold = report["calibration"]["threshold"]
    if given["pictures"]:
        Path(given["pictures"]).mkdir(parents=True, exist_ok=True)
        for verdict, path in alarm_pictures.draw(folder, Path(given["pictures"]), threshold).items():
            print(f"{verdict}: {path}")
    if given["write_calibration"] and not given["only"]:
        write_text(calibration.FILE, json.dumps({"scores": report["calibration"]["scores"]}) + "\n")


if __name__ == "__main__":
    sys.exit(startup.main(run))
