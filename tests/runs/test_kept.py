"""Rows that a command has kept are there for the next call, whole or not at all."""

from pathlib import Path

import pandas as pd
import pytest

from bayesgap.runs.kept import Kept, append_rows


def test_rows_come_back(tmp_path: Path) -> None:
    kept, rows = Kept(tmp_path / "new"), pd.DataFrame({"origin": [2010], "spent": [0.5]})
    assert kept.read("a") is None
    kept.write("a", rows)
    pd.testing.assert_frame_equal(kept.read("a"), rows)
    assert [path.name for path in kept.folder.iterdir()] == ["a.parquet"]


def test_tables_are_added_as_they_come(tmp_path: Path) -> None:
    path, steps = tmp_path / "ranks.csv", []

    def stopped() -> object:
        yield pd.DataFrame({"rank": [1, 2]})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        append_rows(stopped(), path, 2, lambda *step: steps.append(step))
    append_rows([pd.DataFrame({"rank": [3]})], path, 1, lambda *step: steps.append(step))
    assert pd.read_csv(path)["rank"].tolist() == [1, 2, 3]
    assert steps == [(1, 2), (1, 1)]
