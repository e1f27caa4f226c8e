"""What people ask run.sample and commands for and can't have, and what the line about it must say."""

import numpy as np

UNDRAWABLE = [
    ({"count": 0}, "count must be a whole number of at least 1, got 0"),
    ({"count": 2.0}, r"count must be a whole number, got 2\.0"),
    ({"count": 10**7}, "count must be a number at most 1000000"),
    ({"seed": 2**40}, "seed must be a number at least -2147483648 and at most 2147483647, got 1099511627776"),
    ({"seed": -1.5}, r"seed must be a whole number, got -1\.5"),
    ({"label": 1.5}, r"label must be the number or name of a class, or 'each', got 1\.5"),
    ({"label": [1, 2]}, r"label must be .*got \[1, 2\]"),
    ({"label": 12}, "--label must be 0 to 9, or each, got '12'"),
    ({"latents": [[5]]}, "--latents must be floats, got int64"),
    ({"latents": np.zeros([1, 1], np.float32)}, r"--latents must have the shape \[N, "),
    ({"latents": np.zeros([1, 1], np.float32), "truncation": 1}, "latents and truncation exclude each other"),
    ({"truncation": 0}, "--truncation must be a number above 0"),
    ({"truncation": "much"}, "--truncation must be a number above 0, got 'much'"),
    ({"codes": "digit=2"}, "codes must be values by name"),
    ({"codes": {"c9": 2}}, "--codes: unknown code 'c9'"),
    ({"codes": {"digit": 3}}, "--codes: digit must be a whole number from 0 to 2, got '3'")]

# Commands that export or sample, with RUNS for a folder of runs, the one of tests/test_run.py among them.
UNEXPORTABLE: list[tuple[list[str], str]] = [
    (["export", "RUNS/no_such"], "there is no such folder; runs in .*choices"),
    (["export", "RUNS"], "holds [0-9]+ runs: name one"),
    (["export", "RUNS/run", "--checkpoint=7"], "--checkpoint=7: there is no checkpoint '7'.*step_00000012"),
    (["export", "RUNS/run", "--checkpoint=²"], "there is no checkpoint '²'"),
    (["export", "RUNS/run", "--out="], "--out is empty"),
    (["sample", "--run_dir=RUNS/run", "--saved_model=RUNS/run/export"], "--run_dir excludes --saved_model"),
    (["sample", "--checkpoint=best"], "--checkpoint is of a run: name it with --run_dir"),
    (["sample", "--data_dir=."], "--data_dir is of a run: name it with --run_dir"),
    (["sample", "--run_dir=RUNS/no_such"], "^--run_dir=.*no_such holds no run.json"),
]
