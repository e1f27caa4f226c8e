"""Curves are drawn as a run goes, and take little of its time."""

from types import SimpleNamespace

from gan_zoo.training import records


def test_curves_take_a_hundredth_of_the_time_however_long_a_drawing_takes(monkeypatch):
    clock, drawn = SimpleNamespace(now=0.0), []

    def draw():
        drawn.append(clock.now)
        clock.now += 2
        return {}

    monkeypatch.setattr(records.time, "monotonic", lambda: clock.now)
    kept = object.__new__(records.Records)  # a run is not needed
    kept.history, kept._drawn, kept._drawing = SimpleNamespace(arrays=draw, rounds=0), 0.0, 0.0
    for second in range(1000):
        clock.now = max(clock.now, second)
        kept.draw_now_and_then()
    assert drawn == [31, 234, 437, 640, 843]
