"""The revision in run.json is that of gan_zoo's own checkout, whatever repository the code lies in."""

import shutil
import subprocess

import pytest

from gan_zoo.training import versions

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


@pytest.fixture
def git(tmp_path, monkeypatch):
    """git in a new repository that holds a copy of the module, in which the code now seems to lie."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    code = tmp_path / "lib" / "versions.py"
    code.parent.mkdir()
    shutil.copy(versions.__file__, code)
    monkeypatch.setattr(versions, "__file__", str(code))

    def run(*arguments: str) -> str:
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, text=True, capture_output=True).stdout.strip()

    run("init", "--quiet")
    return run


def test_a_repository_that_only_holds_the_environment_is_not_the_codes(git, tmp_path):
    (tmp_path / "mine.py").touch()
    git("add", "mine.py")
    git("commit", "--quiet", "--message=mine")
    assert versions.git_revision() is None


def test_a_checkout_says_its_revision_and_whether_it_was_changed(git, tmp_path):
    git("add", "lib")
    git("commit", "--quiet", "--message=code")
    head = git("rev-parse", "HEAD")
    assert versions.git_revision() == head
    (tmp_path / "lib" / "versions.py").write_text("changed\n")
    assert versions.git_revision() == f"{head}-dirty"


def test_outside_of_any_repository_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setattr(versions, "__file__", str(tmp_path / "versions.py"))
    assert versions.git_revision() is None
