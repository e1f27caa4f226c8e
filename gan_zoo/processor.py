"""The processor: its name, and whether it has instructions for bfloat16. Needs no TensorFlow."""

import os
from pathlib import Path

_BFLOAT16 = {"amx_bf16", "avx512_bf16"}  # which oneDNN uses
_INFORMATION = Path("/proc/cpuinfo")  # of Linux; elsewhere nothing is known


def described() -> str:
    """As "2 cores of AMD EPYC, family 26 model 2, AMX"; the cores are those that this process may use.

    Family and model tell processors apart which a virtual machine calls by one name.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    name = _of_first("model name") or "an unknown processor"
    family, model = _of_first("cpu family"), _of_first("model")
    kind = f", family {family} model {model}" if family and model else ""
    units = ", AMX" if "amx_tile" in _of_first("flags").split() else ""
    return f"{cores} core{'s' if cores != 1 else ''} of {name}{kind}{units}"


def multiplies_bfloat16() -> bool:
    """Whether mixed_bfloat16 can be faster than float32 here."""
    return not _BFLOAT16.isdisjoint(_of_first("flags").split())


def _of_first(key: str) -> str:
    """What the system says of the first core, "" if nothing."""
    try:
        lines = _INFORMATION.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.split(":")[0].strip() == key), "")
