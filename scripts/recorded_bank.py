"""The loopback bank filled with real figures from ../shared/realdata and ../shared/facts.

Figures are official ones as published, under the codes of their time; what a table of the real
bank holds beyond them is not here. Liberties: figures that are published for a region only are
played under the first municipality's code, both sexes under one, an age group under its first age,
and codes that no query of others shows (alternatives but the main one, industries of the county
accounts) are made up.
"""

from pathlib import Path

import pandas as pd
import statbank_server as play

SUM = "agg_KommSummer"
MISSING = ".."
FIRST_OF = {"Grenland": "4001", "Midt-Telemark": "4018", "Vest-Telemark": "4022"}
FIRST_OF |= {"Kragerø-Drangedal": "4014", "Horten": "3901", "Tønsberg-Færder": "3905"}
FIRST_OF |= {"Sandefjord": "3907", "Larvik": "3909", "Norway": "0"}
CAPITAL = {"Oslo": "0301", "Asker": "3203", "Bærum": "3201"}
TELEMARK = {"Porsgrunn": "4001", "Skien": "4003", "Notodden": "4005", "Siljan": "4010"}
TELEMARK |= {"Bamble": "4012", "Kragerø": "4014", "Drangedal": "4016", "Nome": "4018"}
TELEMARK |= {"Midt-Telemark": "4020", "Seljord": "4022", "Hjartdal": "4024", "Tinn": "4026"}
TELEMARK |= {"Kviteseid": "4028", "Nissedal": "4030", "Fyresdal": "4032", "Tokke": "4034"}
TELEMARK |= {"Vinje": "4036"}
ALTERNATIVES = {"MMMM": "Personer", "LLML": "Personer1", "HHMH": "Personer2"}
LEVELS = {"primary": "01", "upper_secondary": "02a", "higher_vocational": "11"}
LEVELS |= {"bachelor": "03a", "master": "04a", "unknown": "09a"}


def recorded_bank(shared: Path, embedded: Path) -> play.Bank:
    """Bank with the tables of the Norwegian mapping file that the recorded figures cover."""
    real, facts = shared / "realdata", shared / "facts"
    nodes = pd.read_csv(real / "klass131_nodes.csv", dtype=str)
    edges = pd.read_csv(real / "klass131_change_edges.csv", dtype=str)
    edges = edges[(edges["change_occurred"] >= "2005") & (edges["from_code"] != edges["to_code"])]
    now = nodes[nodes["valid_to"].isna()]
    bank = play.Bank(
        municipalities=dict(zip(now["code"], now["label"], strict=True)),
        changes=[
            {"oldCode": e.from_code, "newCode": e.to_code, "changeOccurred": e.change_occurred}
            for e in edges.itertuples()
        ],
    )
    bank.tables = {
        "07459": _population(real, facts),
        "10325": _deaths(facts),
        "09429": _education(facts),
        "11618": _status(real),
        "03321": _commuting(real),
        "07984": _industry(real),
        "13470": _workplace(embedded),
        "14288": _projection(real, facts, "14288"),
        "14746": _projection(real, facts, "14746"),
        "01222": _changes(real),
        "11713": _accounts(real),
    }
    return bank


def _cells(frame: pd.DataFrame, label: str, **options: object) -> play.Table:
    return play.Table(frame.astype({c: str for c in frame if c != "value"}), label, **options)


def _population(real: Path, facts: Path) -> play.Table:
    frame = pd.read_parquet(real / "population_municipality_age_sex_2005_2024.parquet")
    ages = frame["age"].astype(int).map("{:03d}".format)
    local = pd.DataFrame({"Region": frame["kommunenr"], "Alder": ages, "Tid": frame["year"]})
    local["value"] = frame["total"]
    nation = pd.read_csv(facts / "population_national.csv")
    whole = pd.DataFrame({"Region": "0", "Alder": nation["age"].map("{:03d}".format)})
    whole = whole.assign(Tid=nation["year"], value=nation["persons"])
    both = pd.concat([local, whole]).assign(ContentsCode="Personer1")
    sums = {f"K-{code}": [code] for code in local["Region"].unique()}
    return _cells(both, "Befolkning", codelists={"Region": {SUM: sums}})


def _deaths(facts: Path) -> play.Table:
    frame = pd.read_csv(facts / "deaths_national.csv")
    out = pd.DataFrame({"Alder": frame["age"].map("{:03d}".format), "Tid": frame["year"]})
    return _cells(out.assign(ContentsCode="Dode", value=frame["deaths"]), "Dode")


def _education(facts: Path) -> play.Table:
    frame = pd.read_csv(facts / "education_residents_16plus.csv")
    frame = frame[frame["region"].isin(list(FIRST_OF))]
    out = pd.DataFrame({"Region": frame["region"].map(FIRST_OF), "Nivaa": frame["level"]})
    out["Nivaa"] = out["Nivaa"].map(LEVELS)
    out = out.assign(Kjonn="0", Tid=frame["year"], ContentsCode="Personer", value=frame["persons"])
    places = [(code, members) for code, members in _rest_of_regions()]
    zero = [out[out["Region"] == code].assign(Region=m, value=0) for code, ms in places for m in ms]
    return _cells(pd.concat([out, *zero]), "Personer 16 år og over")


def _rest_of_regions() -> list[tuple[str, tuple[str, ...]]]:
    """Municipalities of a region beyond the first: no one, since all stand under the first."""
    return [
        ("4001", ("4003", "4010", "4012")),
        ("4018", ("4020",)),
        ("4014", ("4016",)),
        ("4022", ("4028", "4030", "4032", "4034", "4036")),
        ("3905", ("3911",)),
    ]


def _status(real: Path) -> play.Table:
    frame = pd.read_csv(real / "employment_status_11618_municipality_2017_2022.csv", dtype=str)
    codes = {
        "population_15_74": "BefolkningBosted",
        "employed_by_residence": "SysselBosted",
        "employed_by_workplace": "SysselArbsted",
    }
    long = frame.melt(["kommunenr", "year"], var_name="ContentsCode", value_vars=list(codes))
    long["ContentsCode"] = long["ContentsCode"].map(codes)
    long["value"] = pd.to_numeric(long["value"])
    long = long.rename(columns={"kommunenr": "Region", "year": "Tid"})
    long = long.assign(Kjonn="0", Alder="15-74")
    return _cells(long, "Sysselsatte og befolkning", sparse=True)


def _commuting(real: Path) -> play.Table:
    frame = pd.read_parquet(real / "commuting_matrix_03321_2017_2022.parquet")
    names = {"home_kommune": "Bokommuen", "work_kommune": "ArbstedKomm", "year": "Tid"}
    frame = frame.rename(columns={**names, "employed": "value"}).assign(ContentsCode="Sysselsatte")
    return _cells(frame, "Pendling")


def _industry(real: Path) -> play.Table:
    nation = pd.read_csv(real / "employment_national_07984_2008_2024.csv", dtype=str)
    nation = nation[nation["age_group"] == "15-74"]
    concept = (
        nation["measure"]
        .str.contains("residence")
        .map({True: "Sysselsatte", False: "SysselsatteArb"})
    )
    whole = pd.DataFrame({"Region": "0", "NACE2007": nation["nace"], "Kjonn": nation["sex"]})
    whole = whole.assign(
        Tid=nation["year"], ContentsCode=concept, value=nation["value"].astype(float)
    )
    local = pd.read_csv(
        real / "employment_industry_residence_07984_buskerud_2008_2024.csv", dtype=str
    )
    out = pd.DataFrame({"Region": local["kommunenr"], "NACE2007": local["nace"], "Kjonn": "1"})
    out = out.assign(
        Tid=local["year"], ContentsCode="Sysselsatte", value=local["employed_by_residence"]
    )
    out = _with_gaps(out.astype({"value": float}), ["Region", "Tid"], "NACE2007")
    both = pd.concat([whole.assign(status=""), out]).assign(Alder="15-74")
    return _cells(both, "Sysselsatte")


def _with_gaps(frame: pd.DataFrame, places: list[str], by: str) -> pd.DataFrame:
    """`frame` with cells that were not recorded as missing: the bank has them, so none is void."""
    full = frame.drop(columns=[by, "value"]).drop_duplicates()
    full = full.merge(frame[[by]].drop_duplicates(), how="cross")
    known = frame[[*places, by, "value"]]
    out = full.merge(known, on=[*places, by], how="left")
    return out.assign(status=out["value"].isna().map({True: MISSING, False: ""}))


def _workplace(embedded: Path) -> play.Table:
    frame = pd.read_csv(embedded / "employment_workplace_telemark.csv", dtype=str)
    frame = frame[frame["region"].isin(list(FIRST_OF))]
    out = pd.DataFrame({"Region": frame["region"].map(FIRST_OF), "NACE2007": frame["sector"]})
    out = out.assign(Tid=frame["year"], ContentsCode="SysselsatteArb")
    out = out.assign(value=frame["employed"].astype(float))
    zero = [
        out[out["Region"] == c].assign(Region=m, value=0.0)
        for c, ms in _rest_of_regions()
        for m in ms
    ]
    return _cells(pd.concat([out, *zero]), "Sysselsatte etter arbeidssted")


def _projection(real: Path, facts: Path, table: str) -> play.Table:
    """Telemark by age group and alternative; for the capital's neighbours the edition of 2024."""
    frame = pd.read_parquet(real / "projection_vintages_telemark_2005_2026.parquet")
    frame = frame[(frame["ssb_table"] == table) & frame["region"].isin(list(TELEMARK))]
    out = pd.DataFrame({"Region": frame["region"].map(TELEMARK)})
    out["Alder"] = frame["age_group"].str.extract(r"(\d+)")[0].str.zfill(3)
    out["ContentsCode"] = frame["alternative"].map(ALTERNATIVES)
    out = out.assign(Tid=frame["year"], value=frame["persons"].astype(float))
    if table == "14288":
        totals = pd.read_csv(facts / "official_projection_total.csv")
        mine = (totals["kind"] != "observed") & totals["region"].isin(list(CAPITAL))
        totals = totals[mine]
        more = pd.DataFrame({"Region": totals["region"].map(CAPITAL), "Alder": "000"})
        more = more.assign(Tid=totals["year"], value=totals["population"], status="")
        lacking = more.assign(value=float("nan"), status=MISSING)
        rest = [lacking.assign(ContentsCode=c) for c in ("Personer1", "Personer2")]
        main = more.assign(ContentsCode="Personer")
        out = pd.concat([out.assign(status=""), main, *rest])
    return _cells(out, "Framskrevet folkemengde")


def _accounts(real: Path) -> play.Table:
    frame = pd.read_csv(real / "county_accounts_11713_2008_2019.csv")
    codes = frame["region"].str.partition(" ")[0]
    long = pd.DataFrame({"Region": codes, "NACE": frame["industry"], "Tid": frame["year"]})
    parts = [
        long.assign(ContentsCode=name, value=frame[name])
        for name in ("gva_mill_nok", "employed_1000")
    ]
    return _cells(pd.concat(parts), "Fylkesfordelt nasjonalregnskap")


def _changes(real: Path) -> play.Table:
    import json

    path = real / "fixtures" / "ssb_jsonstat1" / "births-deaths.json"
    found = json.loads(path.read_text(encoding="utf-8"))["dataset"]
    names = found["dimension"]["id"]
    codes = [list(found["dimension"][n]["category"]["index"]) for n in names]
    index = pd.MultiIndex.from_product(codes, names=names)
    frame = index.to_frame(index=False).assign(value=found["value"])
    keep = frame["Region"].isin(frame["Region"].unique()[:60])
    return _cells(frame[keep], "Befolkningsendringer", eliminated=())
