"""Tables that a user may add for the report's chapters and for validation.

Each replaces published or assumed figures of one analysis, or is what forecasts are scored against;
none enters a run. They are checked as the others are, and lie in a folder of their own
(`bayesgap chapters --own FOLDER`, `bayesgap validate transfer --own FOLDER`).
"""

from pathlib import Path

import pandas as pd

from bayesgap import schema
from bayesgap.data.columns import (
    AGE,
    CONCEPT,
    FIELD,
    LEVEL,
    PERSONS,
    YEAR,
    Code,
    Region,
    Table,
    Text,
)
from bayesgap.data.tables import condensed, examine, read_regions
from bayesgap.errors import DataError, Problem, require_folder
from bayesgap.published_study.survey_panel import QUESTIONS

SOURCE = Text()
ANSWERS = tuple(dict.fromkeys(answer for q in QUESTIONS.values() for answer in q.answers))
PLACE = Region(("target", "total", "nation"))
PROGRAMME = Code(("vocational", "general"))

OPTIONAL: dict[str, Table] = {
    "employer_survey": Table(
        {
            "question": Code(tuple(QUESTIONS)),
            "region": Region(("target",)),
            "answer": Code(ANSWERS),
            "respondents": PERSONS,
            "source": SOURCE,
        },
        key=("question", "region", "answer"),
    ),
    "upper_secondary_choice": Table(
        {
            "region": PLACE,
            "year": YEAR,
            "programme": PROGRAMME,
            "pupils": PERSONS,
            "source": SOURCE,
        },
        key=("region", "year", "programme"),
    ),
    "upper_secondary_completion": Table(
        {
            "region": PLACE,
            "year": YEAR,
            "programme": PROGRAMME,
            "pupils": PERSONS,
            "completed": PERSONS,
            "source": SOURCE,
        },
        key=("region", "year", "programme"),
    ),
    "students": Table(
        {
            "year": YEAR,
            "level": Code(schema.LEVELS[2:]),
            "field": FIELD,
            "students": PERSONS,
            "source": SOURCE,
        },
        key=("year", "level", "field"),
    ),
    "workers_by_origin": Table(
        {
            "region": Region(("target",)),
            "level": LEVEL,
            "origin": Code(("roots", "in_movers", "leavers")),
            "persons": PERSONS,
            "source": SOURCE,
        },
        key=("region", "level", "origin"),
    ),
    "employed_by_education": Table(
        {
            "region": Region(("target",)),
            "year": YEAR,
            "concept": CONCEPT,
            "level": Code(("primary", "upper_secondary", "tertiary", "unknown")),
            "employed": PERSONS,
            "source": SOURCE,
        },
        key=("region", "year", "concept", "level"),
    ),
    "movers_by_age": Table({"age": AGE, "movers": PERSONS, "source": SOURCE}, key=("age",)),
}


def read_optional(folder: Path) -> dict[str, pd.DataFrame]:
    """Validated optional tables in `folder`, those that are there.

    Raises
    ------
    DataError
        No such folder, an unknown file, or anything wrong with a table; every problem at once.
    """
    require_folder(folder, f"Name a folder that holds some of {', '.join(OPTIONAL)} as .csv.")
    regions = read_regions(folder)
    problems: list[Problem] = []
    frames: dict[str, pd.DataFrame] = {}
    for path in sorted(folder.glob("*.csv")):
        table = OPTIONAL.get(path.stem)
        if table is None:
            fix = f"Remove it; known are {', '.join(OPTIONAL)}."
            problems.append(Problem(path.name, None, None, "no such optional table", fix))
            continue
        examined = examine(path, table, None, regions)
        problems += examined.problems
        if examined.frame is not None:
            problems += _more_completed(path.name, examined.frame)
            frames[path.stem] = examined.frame.reset_index(drop=True)
    if problems:
        raise DataError(condensed(problems))
    return frames


def _more_completed(file: str, frame: pd.DataFrame) -> list[Problem]:
    """Rows with more who completed than pupils."""
    if "completed" not in frame:
        return []
    fix = "Correct one of the two counts."
    return [
        Problem(file, int(line), "completed", "more completed than there were pupils", fix)
        for line in frame.index[frame["completed"] > frame["pupils"]]
    ]
