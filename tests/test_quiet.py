"""The quiet start, at the level of file descriptors and processes; and warnings that are none."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from absl import logging as absl_logging

from gan_zoo import quiet as quiet_module
from gan_zoo.errors import UserError
from gan_zoo.quiet import VERBOSE, quiet, tell, without_retracing_warnings

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.delenv(VERBOSE, raising=False)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")


def _shout(text: bytes, error: Exception | None = None) -> None:
    os.write(2, text)  # as C++ code does, past sys.stderr
    if error:
        raise error


def test_quiet_holds_back_what_reaches_the_descriptor(capfd):
    with quiet():
        _shout(b"noise\n")
    _shout(b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_quiet_replays_when_the_body_fails(capfd):
    with pytest.raises(ImportError), quiet():
        _shout(b"the reason\n", ImportError())
    assert capfd.readouterr().err == "the reason\n"


def test_quiet_stays_quiet_for_a_users_mistake(capfd):
    with pytest.raises(UserError), quiet():
        _shout(b"noise\n", UserError("a flag"))
    assert capfd.readouterr().err == ""


def test_quiet_can_be_turned_off(capfd, monkeypatch):
    monkeypatch.setenv(VERBOSE, "1")
    with quiet():
        _shout(b"noise\n")
    assert capfd.readouterr().err == "noise\n"


def test_quiet_leaves_the_users_log_level_alone(monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with quiet():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    with quiet():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "2"


def test_quiet_nests_and_leaks_no_descriptor(capfd):
    before = os.dup(2)
    os.close(before)
    for _ in range(3):
        with quiet(), quiet():
            _shout(b"noise\n")
    after = os.dup(2)
    os.close(after)
    assert after == before
    assert capfd.readouterr().err == ""


def _python(code: str, *argv: str, **kwargs) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code, *argv], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False, **kwargs)


def test_quiet_in_a_process_of_its_own():
    done = _python("import os, sys\n"
                   "from gan_zoo.quiet import quiet\n"
                   "print('before', file=sys.stderr, end=' ')\n"
                   "with quiet():\n"
                   "    print('held', file=sys.stderr); os.system('echo held >&2')\n"
                   "print('after', file=sys.stderr)")
    assert (done.returncode, done.stderr) == (0, "before after\n")


def test_without_standard_error_and_without_tensorflow():
    done = _python("import os, sys; os.close(2); sys.stderr = None\n"
                   "from gan_zoo.quiet import quiet\n"
                   "with quiet(): print('ran')\n"
                   "print('tensorflow' in sys.modules)")
    assert (done.returncode, done.stdout.split()) == (0, ["ran", "False"])


def test_only_the_warning_of_several_graphs_is_kept_back(monkeypatch):
    logger, heard = logging.getLogger("tensorflow"), []
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", lambda record: heard.append(record.getMessage()))
    logger.addHandler(handler)
    retracing = "%d out of the last %d calls to %s triggered tf.function retracing. Tracing is expensive."
    try:
        with without_retracing_warnings():
            logger.warning(retracing, 5, 5, "play")
            logger.warning("something else")
        logger.warning(retracing, 6, 6, "play")
    finally:
        logger.removeHandler(handler)
    assert [text.split(" ")[0] for text in heard] == ["something", "6"]


def test_what_is_told_within_waits_for_its_end_and_comes_once(capfd, monkeypatch):
    monkeypatch.setattr(quiet_module, "_told", set())
    monkeypatch.setattr(absl_logging, "warning", lambda _, line: os.write(2, line.encode()))
    with quiet():
        with quiet():
            tell("about the data")
        os.write(2, b"noise")
        assert capfd.readouterr().err == ""
    tell("about the data")
    tell("more")
    shown = capfd.readouterr().err
    assert "noise" not in shown
    assert shown.count("about the data") == shown.count("more") == 1


def test_a_warning_may_name_a_file_that_no_text_can(caplog, monkeypatch):
    monkeypatch.setattr(quiet_module, "_told", set())
    tell("a\udcff.png is no picture: ü")
    assert caplog.messages == ["a\\udcff.png is no picture: ü"]
