"""Properties that are computed once, without a lock."""

import threading

from segscore.base.values import lazy


class Image:
    def __init__(self, together: threading.Barrier) -> None:
        self.together = together
        self.calls = 0

    @lazy
    def labels(self) -> list[int]:
        """Label values."""
        self.calls += 1
        self.together.wait(20)
        return [0, 1]


def test_it_is_computed_once_and_kept() -> None:
    image = Image(threading.Barrier(1))
    assert image.labels is image.labels
    assert image.calls == 1
    assert Image(threading.Barrier(1)).labels is not image.labels


def test_the_class_shows_its_documentation() -> None:
    assert Image.labels.__doc__ == "Label values."


def test_threads_that_compute_it_at_the_same_moment_get_one_result() -> None:
    image, found = Image(threading.Barrier(4)), []
    threads = [threading.Thread(target=lambda: found.append(image.labels)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert image.calls == 4  # a lock would break the barrier
    assert [labels is image.labels for labels in found] == [True] * 4
