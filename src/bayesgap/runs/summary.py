"""The summary file of a run, read with Arrow alone."""

import json

import numpy as np
import pyarrow.parquet as pq

from bayesgap import schema
from bayesgap.runs.rows import NUMBERS, Rows
from bayesgap.runs.run import Run, read_soundly, require_version

_TEXT = tuple(name for name in schema.SUMMARY_COLUMNS if name not in NUMBERS)


def read_rows(run: Run) -> Rows:
    """Read the summary as columns.

    Raises
    ------
    RunError
        Not there, or of another schema version.
    """
    path = run.file("summary.parquet")
    with read_soundly(path), pq.ParquetFile(path, read_dictionary=list(_TEXT)) as file:
        about = json.loads((file.schema_arrow.metadata or {}).get(b"PANDAS_ATTRS", b"{}"))
        require_version(run.path, about.get("schema_version"))
        table = file.read(columns=list(schema.SUMMARY_COLUMNS)).combine_chunks()
    texts = {name: table[name].chunk(0) for name in _TEXT}
    return Rows(
        # DLPack: an array's own `to_numpy` would load pandas
        {name: np.from_dlpack(table[name].chunk(0)) for name in NUMBERS},
        {name: np.from_dlpack(text.indices) for name, text in texts.items()},
        {name: text.dictionary.to_pylist() for name, text in texts.items()},
    )
