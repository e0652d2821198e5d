"""Tables that the checks of content are tried on."""

import pandas as pd
import pytest

from bayesgap.data.tables import read_lined
from bayesgap.study.bundle import bundle_root


@pytest.fixture(scope="session")
def lined() -> dict[str, pd.DataFrame]:
    """The embedded tables, indexed by line."""
    return read_lined(bundle_root() / "data" / "buskerud")
