"""Every figure of the page is the run's: the summary's, or that of all its draws."""

import numpy as np
import pandas as pd
import pytest
from visits import csv_of, gap_draws, open_table

from bayesgap.accounting.effects import added
from bayesgap.explorer.page import source
from bayesgap.present import odds, table
from bayesgap.present.labels import part_label
from bayesgap.present.odds import chance as shown_chance
from bayesgap.present.selection import Query, select
from bayesgap.runs.run import Run
from bayesgap.runs.summary import read_rows
from bayesgap.scenarios.comparison import contribution_draws, differences, open_pair

BOUNDS = ["lower95", "lower80", "lower50", "median", "upper50", "upper80", "upper95"]
LEVELS = ["0.025", "0.1", "0.25", "0.5", "0.75", "0.9", "0.975"]
MARKED = ("upper_secondary:general", "bachelor:ict", "master:ict")
PLAIN = str.maketrans({"−": "-", "+": None, "\xa0": None})
TENTH = 0.051  # CSV files hold tenths of a person
KEYS = ["region", "year", "quantity", "education", "level", "field"]


def published(run: Run, scenario: str) -> pd.DataFrame:
    """Quantiles and chances of the summary, one row a cell."""
    rows = run.rows
    rows = rows[(rows["scenario"] == scenario) & (rows["sector"] == "all")]
    kept = rows["output_type"].isin(["quantile", "probability"])
    return rows[kept].pivot(index=KEYS, columns="output_type_id", values="value")


@pytest.mark.parametrize("scenario", ["main", "less_exclusion"])
@pytest.mark.parametrize("name", ["fan", "groups", "map"])
def test_csv_is_the_summary(explored, visitor, scenario, name) -> None:
    region, part = "Kongsbergregionen", "education.bachelor:ict"
    visitor.open(f"region={region}&part={part}&scenario={scenario}&split=education&year=2030")
    found = csv_of(visitor, name)
    expected = published(explored, scenario).loc[list(found[KEYS].itertuples(index=False))]
    np.testing.assert_allclose(found[BOUNDS], expected[LEVELS], rtol=0, atol=TENTH)
    gaps = found["quantity"] == "gap"
    chances = found.loc[gaps, "p_shortage"].astype(float)
    np.testing.assert_allclose(chances, expected.loc[gaps.to_numpy(), "gap>0"], atol=1e-5)
    years = 7 if scenario == "main" else 3
    assert len(found) == {"fan": 3 * years, "groups": 21, "map": 5}[name]
    assert set(found["run_id"]) == {explored.id} and set(found["health"]) == {"PASS"}
    marks = found["assumption_driven"].astype(str).str.lower() == "true"
    expected_marks = found["education"].isin(MARKED)
    assert (marks == expected_marks).all() and marks.any()


def test_tables_are_rounded_as_the_command_rounds(explored, visitor) -> None:
    page = visitor.open("year=2029&split=level&level=95&region=Hallingdal")
    open_table(visitor, "groups")
    wide = select(read_rows(explored), Query("Hallingdal", 2029, "level"))
    rows = page.locator("#groups tbody tr").all()
    for row, record in zip(rows, wide, strict=True):
        name, *cells, chance = row.locator("th, td").all_inner_texts()
        assert name == part_label(record["part"])
        assert chance.replace("\xa0", " ") == shown_chance(record["probability"])
        unit = table.step(record["0.9"] - record["0.1"])
        said = [float(n) for n in " to ".join(cells).translate(PLAIN).split(" to ")]
        exact = [record[q] for q in ("0.5", "0.25", "0.75", "0.1", "0.9", "0.025", "0.975")]
        np.testing.assert_allclose(said, exact, rtol=0, atol=unit / 2 + TENTH)
        assert all(value % unit == 0 for value in said)


def test_chances_of_thresholds_are_those_of_all_draws(explored, visitor) -> None:
    visitor.open("region=Drammensregionen&year=2028&part=education.bachelor:teaching&least=300")
    found = csv_of(visitor, "dots")
    draws = gap_draws(explored.outlook, "Drammensregionen", 2028, "bachelor:teaching")
    assert 0 in set(found["at_least"]) and 300 in set(found["at_least"])
    for least, chance in zip(found["at_least"], found["chance"], strict=True):
        # 0.02: between fifty dots; in 1200 draws a chance is itself known to about 0.014
        exact = (draws > 0).mean() if least == 0 else (draws >= least).mean()
        assert chance == pytest.approx(exact, abs=1e-5 if least == 0 else 0.02)


def test_dots_are_quantiles_of_all_draws(explored, visitor) -> None:
    page = visitor.open("region=Buskerud&year=2030&least=0")
    dots = page.locator("#dots circle.dot")
    assert dots.count() == 50
    draws = gap_draws(explored.outlook, "Buskerud", 2030, None)
    full = int((np.quantile(draws, (np.arange(50) + 0.5) / 50) >= 0).sum())
    assert page.locator("#dots circle.dot.gap").count() == full


def test_first_years_are_those_of_all_draws(explored, visitor, effects) -> None:
    outlook = added(explored.outlook[["gap"]], effects["growth"])
    visitor.open("region=Hallingdal&scenario=growth&part=level.master")
    found = csv_of(visitor, "first")
    masters = outlook["gap"].sel(region="Hallingdal", education=outlook["level"] == "master")
    short = masters.sum("education").sel(year=slice(2025, 2030)) > 0
    begun = [float(short.sel(year=slice(None, y)).any("year").mean()) for y in found["year"]]
    np.testing.assert_allclose(found["shortage_by"], begun, atol=8e-4)  # sums of 1/10 000
    assert found["first_shortage"].sum() == pytest.approx(begun[-1], abs=8e-4)


def test_comparison_with_main_is_the_commands(explored, visitor) -> None:
    link = "region=Ringeriksregionen&part=level.bachelor&year=2030"
    pair = open_pair(explored, "less_exclusion", "main")
    expected = pd.DataFrame(differences(pair, "gap", "level", 2030))
    row = expected.set_index(["region", "part"]).loc[("Ringeriksregionen", "bachelor")]
    for a, b, sign in (("less_exclusion", "main", 1), ("main", "less_exclusion", -1)):
        visitor.open(f"{link}&a={a}&b={b}")
        found = csv_of(visitor, "compare").set_index("scenario")
        change = found.loc[f"{a} - {b}", BOUNDS].astype(float).to_numpy()
        exact = row[LEVELS].to_numpy(dtype=float)
        np.testing.assert_allclose(change, sign * exact[::sign], atol=TENTH)


def test_two_scenarios_are_compared_on_the_same_draws(explored, visitor, effects) -> None:
    page = visitor.open("region=Buskerud&year=2030&a=less_exclusion&b=growth")
    found = csv_of(visitor, "compare").set_index("scenario")
    change = found.loc["less_exclusion - growth", BOUNDS].astype(float).to_numpy()
    pair = open_pair(explored, "less_exclusion", "growth")
    rows = pd.DataFrame(differences(pair, "gap", "total", 2030))
    expected = rows.set_index("region").loc["Buskerud"]
    exact = expected[LEVELS].to_numpy(dtype=float)
    # 1000 of 1200 draws: within a tenth of the 95 % width, where unpaired draws would be far off
    assert np.abs(change - exact).max() < 0.1 * (exact[-1] - exact[0])
    unpaired = np.sqrt(sum(np.var(gap_draws(e, "Buskerud", 2030, None)) for e in effects.values()))
    assert (change[-1] - change[0]) < 3.92 * unpaired
    assert "1 000 thinned draws" in page.locator("#compare .note").inner_text().replace("\xa0", " ")


def test_contributions_of_measures_add_up(explored, visitor) -> None:
    visitor.open("region=Drammensregionen&year=2030&a=less_exclusion&b=main")
    found = csv_of(visitor, "compare")
    steps = found[found["quantity"] == "contribution"]
    pair = open_pair(explored, "less_exclusion", "main")
    draws = contribution_draws(pair, "Drammensregionen")
    assert list(steps["scenario"]) == [f"less_exclusion: {name}" for name in draws]
    for median, values in zip(steps["median"], draws.values(), strict=True):
        assert median == pytest.approx(float(np.median(values)), abs=TENTH)


def test_words_follow_the_law_of_the_report(visitors, page_file) -> None:
    page = visitors(page_file).page  # not opened: the page's own policy forbids code from elsewhere
    grid = [p / 200 for p in range(201)]
    code = source("words.js").replace("export ", "")
    said = page.evaluate(
        f"""([law, grid]) => {{ {code}
            const told = (l) => grid.map((p) => [odds(law, l, p), likelihood(law, l, p)]);
            return {{ nb: told("nb"), en: told("en") }}; }}""",
        [odds.scale(), grid],
    )
    for language in odds.LANGUAGES:
        for probability, words in zip(grid, said[language], strict=True):
            law = odds.odds(probability, language), odds.likelihood(probability, language)
            assert tuple(word.replace("\N{NO-BREAK SPACE}", " ") for word in words) == law
