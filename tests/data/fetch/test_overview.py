"""What `data check` says of tables that may be read, and are not whole."""

import pandas as pd

from bayesgap.data.fetch.overview import overview
from bayesgap.data.fetch.session import catalogue_of
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import Study


def test_a_pooling_region_that_a_block_does_not_hear_is_told(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    path = default_study()
    catalogue, folder = catalogue_of(path), resolve_data(path, study)
    silent = study.pooling[0]
    status = tables["employment_status"]
    less = {**tables, "employment_status": status[status["region"] != silent]}
    line = f"employment_status: no rows for {silent}; its block learns from the others"
    assert line in overview(less, folder, catalogue, study)
    assert not any("no rows for" in line for line in overview(tables, folder, catalogue, study))
