"""Tables of another country, made by their script, raise no alarm."""

import sys
from pathlib import Path

import pytest
import transfer_study
from needs import shared

from bayesgap.data.content.notes import data_notes
from bayesgap.data.tables import read_lined


@shared("realdata")
@pytest.mark.slow
def test_no_false_alarm_on_linkoping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["transfer_study.py", str(tmp_path)])
    transfer_study.main()
    folder = tmp_path / transfer_study.NAME / "data"
    assert data_notes(read_lined(folder), folder).lines == []
