"""A user's mistake: one line that names the flag or file, exit code 2, nothing written."""

import numpy as np
import pytest
from PIL import Image

from tests.cli.process import QUICK

# flags → what the line must say
MISTAKES = {
    "unknown model": (["--model=dcgam"], ["--model", "dcgam", "did you mean 'dcgan'"]),
    "unknown objective": (["--objective=mini_max"], ["--objective", "did you mean 'minimax'"]),
    "unknown dataset": (["--dataset=digit"], ["--dataset", "digits"]),
    "argument of a dataset": (["--dataset=mixture_1d(weigth=0.3)"], ["--dataset", "did you mean 'weight'"]),
    "value in a dataset": (["--dataset=mixture_1d(weight=3)"], ["--dataset=mixture_1d(weight=3)", "below 1"]),
    "a dataset that is almost one": (["--dataset=mixtur_1d(weight=3)"], ["--dataset", "did you mean 'mixture_1d'"]),
    "half a dataset": (["--dataset=mixture_1d(weight="], ["--dataset", "is not of the form"]),
    "pixels of points": (["--dataset=mixture_1d"], ["--image_size=8", "mixture_1d", "leave --image_size out"]),
    "unknown latent": (["--latent=norml(3)"], ["--latent", "did you mean 'normal'"]),
    "codes that nothing reads": (["--latent=noise(8) + categorical(3)"], ["--latent", "mutual_information"]),
    "information of no codes": (["--objective=minimax + mutual_information"], ["--objective", "--latent='noise(62)"]),
    "a recognizer of no codes": (["--recognizer"], ["--recognizer", "--latent=normal(8)"]),
    "negative weight": (["--latent=noise(8) + categorical(3)", "--objective=minimax + mutual_information(-1)"],
                        ["--objective", "weight must be a number at least 0"]),
    "no classes": (["--dataset=folder", "--data_dir=flat", "--batch_size=1", "--conditional"],
                   ["--conditional needs the classes", "folder/flat has no labels"]),
    "other classes": (["--latent=normal(8) + label(7)"], ["--latent", "the data have 10 classes: write label(10)"]),
    "a classifier of no classes": (["--objective=minimax + auxiliary_classifier"], ["--objective", "--conditional"]),
    "codes beside a label": (["--conditional", "--latent=noise(8) + categorical(3)",
                              "--objective=minimax + mutual_information"], ["--model", "--model=dcgan"]),
    "more labels than images": (["--conditional", "--update=alternating", "--nosame_noise",
                                 "--generator_batch_size=2000"], ["--generator_batch_size=2000", "1797"]),
    "wrong before classes": (["--conditional", "--objective=none", "--dataset=folder", "--data_dir=x"],
                             ["--objective", "none"]),
    "noise or code": (["--latent=normal(62) + categorical(10)"], ["--latent", "noise(SIZE)"]),
    "wrong before the data": (["--objective=none", "--dataset=folder", "--data_dir=x"], ["--objective", "none"]),
    "a flagfile as model": (["--model=mlp_zeros"], ["--flagfile=configs/mlp_zeros.flags"]),
    "too many samples": (["--sample_count=1000000"], ["--sample_count", "10000"]),
    "unknown optimizer": (["--generator_optimizer=adm"], ["--generator_optimizer", "did you mean 'adam'"]),
    "unknown argument": (["--model=dcgan(widht=3)"], ["--model", "widht", "did you mean 'width'"]),
    "code in a spec": (['--model=dcgan(__import__("os"))'], ["--model", "width can't be a call here"]),
    "half a spec": (["--model=dcgan(width=)"], ["--model", "is not of the form"]),
    "one width": (["--model=mlp(generator=[100])"], ["--model", "at least two widths"]),
    "no noise": (["--latent=normal(0)"], ["--latent", "size", "at least 1"]),
    "learning rate": (["--generator_optimizer=adam(learning_rate=-1)"], ["--generator_optimizer", "learning_rate"]),
    "optimizer clips": (["--discriminator_optimizer=adam(clipvalue=1.0)"], ["--discriminator_optimizer", "clip_value"]),
    "unknown augmentation": (["--augment=flip + cutuot"], ["--augment=flip + cutuot", "did you mean 'cutout'"]),
    "a wide translation": (["--augment=translate(2)"], ["--augment=translate(2)", "ratio must be a number above 0"]),
    "noise below zero": (["--instance_noise=linear(0.5, -1)"], ["--instance_noise", "at least 0, got -1"]),
    "noise in words": (["--instance_noise=much"], ["--instance_noise=much", "unknown schedule 'much'"]),
    "half a pack": (["--packing=3"], ["--batch_size=32", "--packing=3", "use 30"]),
    "packs of classes": (["--packing=2", "--conditional"], ["--packing=2", "leave --packing out, or --conditional"]),
    "no pack": (["--packing=0"], ["--packing", "at least 1"]),
    "a norm in words": (["--spectral_norm=much"], ["--spectral_norm", "true or false"]),
    "no half-life": (["--generator_average=half_life"], ["--generator_average=half_life", "needs its argument"]),
    "a learning rate that falls too far": (["--generator_optimizer=adam(linear(1e-3, -1e-3))"],
                                           ["--generator_optimizer", "learning_rate", "at least 0, got -0.001"]),
    "a schedule of something else": (["--generator_optimizer=adam(beta_1=linear(0, 0.5))"],
                                     ["--generator_optimizer", "beta_1 must be a number, got linear(0, 0.5)"]),
    "two clips": (["--discriminator_clip_value=1", "--discriminator_clip_norm=1"], ["--discriminator_clip_norm"]),
    "negative steps": (["--steps=-5"], ["--steps", "-5"]),
    "zero batch": (["--batch_size=0"], ["--batch_size", "0"]),
    "not a number": (["--epochs=many"], ["--epochs", "number", "many"]),
    "large batch": (["--batch_size=1798"], ["--batch_size=1798", "1797"]),
    "classes": (["--classes=11"], ["--classes", "11"]),
    "image size": (["--model=dcgan", "--image_size=200"], ["--model", "128", "--image_size"]),
    "same noise": (["--model=dcgan", "--update=simultaneous", "--same_noise"], ["--same_noise", "alternating"]),
    "update": (["--update=both"], ["--update", "alternating"]),
    "unknown flag": (["--stepz=3"], ["--stepz", "did you mean --steps"]),
    "no folder": (["--dataset=folder", "--data_dir=nowhere"], ["--data_dir", "nowhere"]),
    "empty folder": (["--dataset=folder", "--data_dir=empty"], ["--data_dir", "empty"]),
    "run_dir is a file": (["--run_dir=file.txt"], ["--run_dir=file.txt", "is a file"]),
    "run_dir is below a file": (["--run_dir=file.txt/run"], ["--run_dir=file.txt/run", "not writable"]),
    "run_dir is another's": (["--run_dir=others"], ["--run_dir=others", "run.json"]),
    "flagfile without value": (["--flagfile"], ["--flagfile needs a value"]),
    "missing flagfile": (["--flagfile=none.flags"], ["none.flags", "no such file"]),
    "circular flagfile": (["--flagfile=circle.flags"], ["circle.flags:1", "includes itself"]),
    "bad line": (["--flagfile=bad.flags"], ["bad.flags:2", "steps 3"]),
    "bad value in a file": (["--flagfile=value.flags"], ["value.flags:1", "--steps"]),
}
# these need a process that has not used the CPU yet
IN_A_PROCESS = {
    "large batch": MISTAKES["large batch"],
    "replicas": (["--logical_cpus=3", "--strategy=mirrored", "--batch_size=32"], ["--batch_size=32", "3 replicas"]),
}


@pytest.fixture
def surroundings(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "others").mkdir()
    (tmp_path / "flat").mkdir()
    Image.fromarray(np.zeros([8, 8], np.uint8)).save(tmp_path / "flat" / "a.png")
    (tmp_path / "others" / "thesis.txt").write_text("years of work")
    (tmp_path / "file.txt").write_text("text")
    (tmp_path / "circle.flags").write_text("--flagfile=circle.flags\n")
    (tmp_path / "bad.flags").write_text("# fine\nsteps 3\n")
    (tmp_path / "value.flags").write_text("--steps=three\n")
    return tmp_path


def _files(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_line_and_nothing_written(train, surroundings, mistake):
    flags, wanted = MISTAKES[mistake]
    before = _files(surroundings)
    done = train(*QUICK, *flags)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for text in wanted:
        assert text in done.stderr, done.stderr
    assert _files(surroundings) == before
    assert not (surroundings / "runs").exists()


@pytest.mark.parametrize("mistake", IN_A_PROCESS)
def test_as_a_user_sees_it(train_in_a_process, surroundings, mistake):
    flags, wanted = IN_A_PROCESS[mistake]
    done = train_in_a_process(*QUICK, *flags)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert all(text in done.stderr for text in wanted)


def test_a_folder_of_odd_pictures_trains(train, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(0)
    for index in range(6):
        Image.fromarray(rng.integers(0, 255, (20 + index, 18, 3), np.uint8)).save(pictures / f"{index}.png")
    (pictures / "broken.png").write_bytes(b"no picture")
    done = train("--model=mlp", "--dataset=folder", f"--data_dir={pictures}", "--image_size=8", "--batch_size=4",
                 "--steps=2", "--sample_count=4", "--run_dir=run")
    assert done.returncode == 0, done.stderr
    assert "broken.png" in done.stderr
    assert "6 images of 8x8x3" in done.stdout
