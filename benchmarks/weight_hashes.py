"""Hashes of the weights that short runs end with: tells whether a change of the code changes what is trained.

    python benchmarks/weight_hashes.py                 # runs all cases and compares with benchmarks/weight_hashes.json
    python benchmarks/weight_hashes.py --write         # records them, with a description of this machine
    python benchmarks/weight_hashes.py --only=dcgan    # those cases whose name begins so
    python benchmarks/weight_hashes.py --checkout=DIR  # the code of another checkout

Every case is `python train.py` for 50 rounds on data that need no download; hashed are all weights of its export (not
the states of Keras's random numbers, which nothing here uses), whatever their order and names. Bits depend on the
processor and its number of cores: compare on one machine only.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORD = Path(__file__).with_suffix(".json")
_ROUNDS = 50
_IN_TURN, _TOGETHER = ("--update=alternating", ), ("--update=simultaneous", "--nosame_noise")
_RATE = "adam(learning_rate=5e-4, beta_1=0.5)"
_DCGAN = ("--model=dcgan(width=16, base_channels=50)", "--dataset=digits", "--latent=normal(100)", "--instance_noise=0",
          f"--discriminator_optimizer={_RATE}", f"--generator_optimizer={_RATE}", "--generator_average=0.995")
_MODELS = {"mlp": ("--dataset=digits", "--objective=non_saturating"), "maxout": ("--dataset=digits",),
           "dcgan": (*_DCGAN, "--noconditional"), "fgan": ("--dataset=digits", "--batch_size=128"),
           "infogan": ("--model=infogan(width=1)", "--dataset=digits",
                       "--objective=non_saturating + mutual_information(weight=0.3, continuous_weight=0.3)",
                       "--batch_size=128", "--generator_average=0"),
           "gaussian_1d": ()}
_CONDITIONAL = {"conditional_dcgan": (*_DCGAN, "--conditional"),
                "conditional_mlp": ("--model=mlp", "--dataset=digits", "--conditional", "--update=alternating",
                                    "--objective=non_saturating"),
                "acgan_mlp": ("--model=mlp", "--dataset=digits", "--conditional",
                              "--objective=non_saturating + auxiliary_classifier")}


def cases() -> dict[str, list[str]]:
    """Flags by the name of the case."""
    found = {}
    for seed in (0, 1):
        for model, flags in _MODELS.items():
            for update, turns in (("simultaneous", _TOGETHER), ("alternating", _IN_TURN)):
                found[f"{model}, {update}, seed {seed}"] = [f"--model={model}", *flags, *turns, f"--seed={seed}"]
    return found | {f"{name}, seed 0": list(flags) for name, flags in _CONDITIONAL.items()}


def weights(flags: list[str], checkout: Path) -> str:
    """Trains and hashes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "train.py", *flags, f"--steps={_ROUNDS}", f"--run_dir={folder}/run"]
        if "    export: str" in (checkout / "gan_zoo" / "experiment.py").read_text():  # older code knows the last only
            command.append("--export=last")
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
        return _of_export(Path(folder) / "run" / "export")


def _of_export(path: Path) -> str:
    import tensorflow as tf

    parts = {hashlib.blake2b(repr(v.shape).encode() + v.numpy().tobytes(), digest_size=16).hexdigest()
             for v in tf.saved_model.load(str(path)).tracked if v.dtype.is_floating}
    return hashlib.blake2b("".join(sorted(parts)).encode(), digest_size=8).hexdigest()


def machine() -> dict:
    """What the bits depend on."""
    from importlib.metadata import version

    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    facts = {key: next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
             for key in ("model name", "cpu family", "model\t", "flags")}
    wide = [flag for flag in ("avx2", "avx512f", "amx_bf16") if flag in facts["flags"].split()]
    return {"processor": f"{facts['model name']}, family {facts['cpu family']}, model {facts['model	']}".strip(),
            "vector units": wide, "cores": os.cpu_count(), "system": platform.platform(),
            **{name: version(name) for name in ("tensorflow", "keras")}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--checkout", type=Path, default=ROOT)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {"hashes": {}}
    if arguments.write and arguments.only and known.get("machine") != machine():
        raise SystemExit(f"{RECORD} was recorded on another machine, {known.get('machine')}: leave out --only")
    found, unlike = {}, 0
    for name, flags in cases().items():
        if not name.startswith(arguments.only):
            continue
        found[name] = weights(flags, arguments.checkout)
        same = known["hashes"].get(name) == found[name]
        unlike += not same
        print(f"{found[name]}  {'' if arguments.write else 'same   ' if same else 'OTHER  '}{name}", flush=True)
    if arguments.write:
        others = known["hashes"] if arguments.only else {}
        RECORD.write_text(json.dumps({"machine": machine(), "hashes": others | found}, indent=2) + "\n")
        return 0
    if known.get("machine") != machine():
        print(f"recorded on another machine: {known.get('machine')}")
    return int(unlike > 0)


if __name__ == "__main__":
    sys.exit(main())
