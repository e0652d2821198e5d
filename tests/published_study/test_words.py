"""Names of published figures can be read alone, in both languages."""

import pandas as pd

from bayesgap.published_study.comparison import COUNTERPARTS
from bayesgap.published_study.words import Voice, figure_name


def test_a_name_says_whose_growth_or_surplus_it_is() -> None:
    growth = {"quantity": "growth 2024 to 2040", "group": "26-40"}
    surplus = {"quantity": "surplus", "group": "bachelor:business_admin"}
    assert figure_name(growth) == "growth of population 2024 to 2040, aged 26 to 40"
    assert figure_name(growth | {"group": "66+"}).endswith("aged 66 and over")
    assert figure_name(surplus) == "surplus of persons: bachelor: business, administration"
    assert figure_name(growth, Voice("nb")) == "vekst i befolkningen fra 2024 til 2040, 26–40 år"


def test_no_two_figures_of_a_region_have_the_same_name(tables: dict[str, pd.DataFrame]) -> None:
    figures = tables["report_figures"]
    names = [
        (figure["region"], figure["unit"], figure_name(figure))
        for figure in figures.to_dict("records")
        if figure["id"] in COUNTERPARTS
    ]
    assert len(names) > 40 and len(set(names)) == len(names)


def test_every_name_of_the_table_has_a_norwegian_one(tables: dict[str, pd.DataFrame]) -> None:
    for figure in tables["report_figures"].to_dict("records"):
        if figure["id"] in COUNTERPARTS:
            assert figure_name(figure, Voice("nb")) != figure_name(figure), figure["id"]
