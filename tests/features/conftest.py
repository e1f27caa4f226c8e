"""Trainings of the classifier in a cache of the test's own."""

from pathlib import Path

import pytest

from gan_zoo.features import classifier, classifier_network


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty one for the test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def quick(cache, monkeypatch) -> Path:
    """Trainings that are too short to be any good."""
    monkeypatch.setattr(classifier_network, "_FEWEST_SEEN", 0)
    monkeypatch.setattr(classifier_network, "_EPOCHS", 3)
    return cache


@pytest.fixture
def nothing_is_trained(quick, monkeypatch) -> Path:
    monkeypatch.setattr(classifier, "trained", lambda *arguments: pytest.fail("it was trained again"))
    return quick
