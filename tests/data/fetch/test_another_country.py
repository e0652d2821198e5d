"""The Swedish bank of the how-to page, played from the codes of its recorded metadata."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from needs import SHARED, shared

from bayesgap.data.fetch.catalogue import Catalogue
from bayesgap.data.fetch.gather import gather
from bayesgap.data.fetch.http import Limits
from bayesgap.data.fetch.places import Places
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.errors import FetchError

ROOT = Path(__file__).parents[3]
RECORDED = SHARED / "realdata" / "fixtures" / "scb_v2" / "TAB6471_metadata.json"
pytestmark = shared("realdata/fixtures")
HERE = Places({"0580": ("Linköping", "Linköping")}, {})
WANTED = Wanted(("Linköping",), ())
PATIENT = Limits(seconds=60.0)


def mapping() -> dict[str, Any]:
    page = (ROOT / "docs" / "howto" / "another-country.md").read_text(encoding="utf-8")
    [found] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    return tomllib.loads(found)


@pytest.fixture
def swedish(loopback: Any, server: ModuleType) -> Any:
    dimension = json.loads(RECORDED.read_text(encoding="utf-8"))["dimension"]
    codes = {name: tuple(part["category"]["index"]) for name, part in dimension.items()}
    table = server.Table(
        server.grid(**codes | {"Region": ("0580",), "Tid": ("2025M11", "2025M12")}), "people"
    )
    table.eliminated = ("Region", "Kon")
    loopback.tables["TAB6471"] = table
    return table


def test_the_page_of_another_country_reads_its_bank(
    connect: Callable[..., Bank], swedish: Any
) -> None:
    frame = gather(Catalogue.model_validate(mapping()), HERE, WANTED, connect(PATIENT), None)
    found = frame.tables["population"].set_index("age")["persons"]
    assert list(found.index) == list(range(90))
    sent = swedish.frame[swedish.frame["Tid"] == "2025M12"].groupby("Alder")["value"].sum()
    assert set(frame.tables["population"]["year"]) == {2026} and found[7] == sent["7"]
    assert found[89] == sum(sent[str(age)] for age in range(89, 100)) + sent["100+"]


def test_groups_among_single_ages_are_refused_unless_a_form_leaves_them_out(
    connect: Callable[..., Bank], swedish: Any
) -> None:
    loose = mapping()
    del loose["tables"]["population"][0]["columns"]["age"]["form"]
    with pytest.raises(FetchError, match=r"0 and 0-9, both read as 0: say .* as `form`"):
        gather(Catalogue.model_validate(loose), HERE, WANTED, connect(PATIENT), None)
