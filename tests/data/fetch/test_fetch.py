"""From a mapping file to a data folder: what is fetched, left out, kept and told."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from needs import SHARED, shared
from typer.testing import CliRunner

from bayesgap.cli.common import app
from bayesgap.data.fetch.catalogue import Catalogue
from bayesgap.data.fetch.gather import Gathered, gather
from bayesgap.data.fetch.http import Limits
from bayesgap.data.fetch.imputation import keep_own
from bayesgap.data.fetch.places import Places
from bayesgap.data.fetch.pxweb import Bank
from bayesgap.data.fetch.session import Call, copy_default, fetch_study
from bayesgap.data.fetch.tidy import Wanted
from bayesgap.data.fetch.vintages import compare
from bayesgap.data.fetch.write import put_in_place
from bayesgap.data.manifest import read_manifest
from bayesgap.data.tables import read_tables
from bayesgap.errors import FetchError
from bayesgap.study.bundle import bundle_root

Connect = Callable[..., Bank]
EMBEDDED = bundle_root() / "data" / "buskerud"
PLACES = Places({"3301": ("Drammen", "Drammen"), "0301": ("Oslo", "Oslo")}, {})
WANTED = Wanted(("Drammen",), ("Oslo",))
BANK = {
    "name": "SSB",
    "title": "loopback",
    "host": "data.ssb.no",
    "api": "api",
    "klass": "klass",
    "licence": "NLOD 2.0",
    "border_year": 2024,
}
EXTRA_TABLE = pd.DataFrame(
    {
        "NACE": ["01", "01", "02"],
        "NACE_label": ["farms", "farms", "woods"],
        "year": [2019, 2020, 2020],
        "value": [4.0, 7.0, 1.0],
        "source": "SSB 05539",
        "status": "observed",
    }
)
POPULATION = {
    "table": "07459",
    "title": "people",
    "values": {"persons": "P"},
    "constants": {"concept": "residence"},
    "columns": {
        "region": {"variable": "Region", "places": "targets"},
        "year": {"variable": "Tid", "number": True},
        "age": {"variable": "Alder", "number": True, "top": 89},
    },
}


def catalogue(**bank: Any) -> Catalogue:
    return Catalogue.model_validate({"bank": BANK | bank, "tables": {"population": POPULATION}})


def test_regions_follow_their_borders_with_and_without_a_codelist(
    connect: Connect, loopback: Any
) -> None:
    by_codes = gather(catalogue(), PLACES, WANTED, connect(), None)
    sums = catalogue(sum_codelist="agg_KommSummer", sum_prefix="K-")
    by_list = gather(sums, PLACES, WANTED, connect(), None)
    columns = ["region", "year", "age", "persons"]
    assert by_codes.tables["population"][columns].equals(by_list.tables["population"][columns])
    frame = loopback.tables["07459"].frame
    parts = frame["Region"].isin(["3301", "0602", "0711"]) & (frame["Alder"] == "000")
    old = by_codes.tables["population"].query("year == 2023 and age == 0")["persons"].item()
    assert old == frame[parts & (frame["Tid"] == "2023")]["value"].sum()
    assert set(by_codes.tables["population"]["status"]) == {"observed"}
    assert by_codes.origins["population"] == "SSB 07459 (2026-02-24)"
    assert "0711 was divided" in by_codes.notes["municipalities"][0]


def test_a_region_whose_municipality_lacks_figures_is_left_out_and_told(
    connect: Connect, loopback: Any
) -> None:
    frame = loopback.tables["07459"].frame
    frame.loc[(frame["Region"] == "3302") & (frame["Tid"] == "2024"), "value"] = float("nan")
    places = Places({**PLACES.present, "3302": ("Drammen", "Lier")}, {})
    found = gather(catalogue(klass=None), places, WANTED, connect(), None)
    assert set(found.tables["population"]["year"]) == {2023}
    assert any(
        "Drammen is left out of 2024: a municipality" in note for note in found.notes["population"]
    )


def test_a_needed_table_that_is_not_there_stops_the_fetch(connect: Connect, loopback: Any) -> None:
    del loopback.tables["07459"]
    with pytest.raises(FetchError, match="Non-existent table"):
        gather(catalogue(klass=None), PLACES, WANTED, connect(), None)


def test_a_later_fetch_keeps_the_vintage_and_diff_tells_what_moved(tmp_path: Path) -> None:
    frame = pd.read_csv(EMBEDDED / "deaths_national.csv")
    first = Gathered(tables={"deaths_national": frame}, origins={"deaths_national": "SSB"})
    assert put_in_place(tmp_path, first, catalogue(), {}) is None
    newer = frame.copy()
    newer.loc[0, "deaths"] += 7
    second = Gathered(tables={"deaths_national": newer.iloc[:-2]}, origins={})
    vintage = put_in_place(tmp_path, second, catalogue(), {})
    assert vintage is not None and vintage.parent == tmp_path / "vintages"
    assert pd.read_csv(vintage / "deaths_national.csv").equals(frame)
    [change] = compare(vintage, tmp_path / "data")
    assert (change.added, change.gone, len(change.moved)) == (0, 2, 1)
    done = CliRunner().invoke(app, ["data", "diff", str(vintage), str(tmp_path / "data")])
    assert "0 rows came, 2 went, 1 figures moved" in done.output
    assert f"deaths {frame.loc[0, 'deaths']} → {frame.loc[0, 'deaths'] + 7}" in done.output
    same = CliRunner().invoke(app, ["data", "diff", str(vintage), str(vintage)])
    assert same.output == "No figure differs.\n"


def test_a_fetch_with_nothing_new_leaves_the_folder_and_makes_no_vintage(tmp_path: Path) -> None:
    frame = pd.read_csv(EMBEDDED / "deaths_national.csv")
    for _ in range(2):
        same = Gathered(tables={"deaths_national": frame}, origins={"deaths_national": "SSB"})
        assert put_in_place(tmp_path, same, catalogue(), {}) is None
    assert [p.name for p in tmp_path.iterdir()] == ["data"]
    more = Gathered(tables={"deaths_national": frame}, extra={"moves": EXTRA_TABLE})
    assert put_in_place(tmp_path, more, catalogue(), {}) is not None


def test_diff_tells_of_tables_that_models_do_not_read(tmp_path: Path) -> None:
    newer = EXTRA_TABLE.assign(value=[4.0, 7.5, 1.0])
    for folder, frame in (("old", EXTRA_TABLE), ("new", newer.iloc[:2])):
        (tmp_path / folder / "extra").mkdir(parents=True)
        frame.to_csv(tmp_path / folder / "extra" / "moves.csv", index=False)
    [change] = compare(tmp_path / "old", tmp_path / "new")
    assert (change.table, change.added, change.gone) == ("extra/moves", 0, 1)
    [moved] = change.moved.to_dict("records")
    assert (moved["NACE"], moved["year"], moved["old"], moved["new"]) == ("01", "2020", 7.0, 7.5)
    [whole] = compare(tmp_path / "nowhere", tmp_path / "new")
    assert (whole.added, whole.gone) == (2, 0)


def test_own_observed_figures_are_not_replaced_by_assumed_ones(tmp_path: Path) -> None:
    assumed = pd.read_csv(EMBEDDED / "skill_mix.csv")
    own = assumed.assign(status="observed", source="my extract")
    own.to_csv(tmp_path / "skill_mix.csv", index=False)
    deaths = pd.read_csv(EMBEDDED / "deaths_national.csv")
    deaths.assign(deaths=0).to_csv(tmp_path / "deaths_national.csv", index=False)
    gathered = Gathered(tables={"skill_mix": assumed, "deaths_national": deaths})
    gathered.note("skill_mix", "borrowed")
    keep_own(gathered, tmp_path)
    pd.testing.assert_frame_equal(gathered.tables["skill_mix"], own)
    assert gathered.origins["skill_mix"] == "my extract"
    assert "kept" in gathered.notes["skill_mix"][0]
    assert gathered.tables["deaths_national"] is deaths


def test_a_fetch_that_fails_leaves_the_folder_as_it_was(
    tmp_path: Path, loopback: Any, server: ModuleType
) -> None:
    path = copy_default(tmp_path / "study")
    before = sorted(p.relative_to(tmp_path) for p in (tmp_path / "study").rglob("*"))
    loopback.faults = [server.Fault("HTML 404", path="/", times=99)]
    with pytest.raises(FetchError):
        fetch_study(path, Call(tmp_path / "cache", server=loopback.base), None)
    assert sorted(p.relative_to(tmp_path) for p in (tmp_path / "study").rglob("*")) == before


@pytest.mark.slow
@shared("realdata")
def test_the_default_study_comes_back_as_it_is_embedded(tmp_path: Path, server: ModuleType) -> None:
    """Recorded figures, played under the codes of their time, give the embedded tables again."""
    import recorded_bank

    path = copy_default(tmp_path / "buskerud")
    with server.serving(recorded_bank.recorded_bank(SHARED, EMBEDDED)) as bank:
        call = Call(tmp_path / "cache", server=bank.base, limits=Limits(calls=1000))
        notes = fetch_study(path, call, None).gathered.notes
        assert "sums" not in notes, "the recorded sources do not differ"
        sent = len(bank.log)
        fetch_study(path, Call(tmp_path / "cache", server=bank.base, offline=True), None)
        assert len(bank.log) == sent
    tables = read_tables(tmp_path / "buskerud" / "data")
    embedded = read_tables(EMBEDDED)
    keys = ["region", "year", "age"]
    ours = tables["population"].set_index(keys)["persons"].sort_index()
    assert ours.equals(embedded["population"].set_index(keys)["persons"].sort_index())
    keys = ["region", "year", "measure"]
    ours = tables["employment_status"].set_index(keys)["persons"].sort_index()
    theirs = embedded["employment_status"].set_index(keys)["persons"].sort_index()
    assert (ours.reindex(theirs.index) / theirs - 1).abs().max() < 0.001
    keys = ["region", "year"]
    ours = tables["official_projection_total"].set_index(keys)
    theirs = embedded["official_projection_total"].set_index(keys)
    mine = ours[ours["source"].str.startswith("SSB 14288 (")]["population"]
    assert (
        len(mine.index.unique("region")) == 7 and (mine == theirs["population"][mine.index]).all()
    )
    entry = read_manifest(tmp_path / "buskerud" / "data").tables["population"]
    assert entry.status == "observed" and entry.source.startswith("SSB 07459")
    assert not (tmp_path / "buskerud" / "vintages").exists(), "the second fetch had nothing new"
