"""What tests of engines share: an engine that is missing skips them, or fails them where it is demanded."""

from collections.abc import Callable

import pytest

from support import engines


@pytest.fixture(scope="session")
def needing() -> Callable[[str], None]:
    """Return a function that ends a test whose engine is missing."""

    def need(engine: str) -> None:
        said = engines.lacking(engine)
        if said is not None:
            (pytest.fail if engines.demanded(engine) else pytest.skip)(said)

    return need
