"""Tables of a Markdown page as frames, so that tests read figures and not words."""

import pandas as pd


def section(page: str, heading: str) -> str:
    """Text below a heading of the page, to the next heading of any level."""
    _, found, rest = f"\n{page}".partition(f"\n{heading}\n")
    assert found, f"no heading {heading!r}"
    lines = rest.splitlines()
    ends = (n for n, line in enumerate(lines) if line.startswith("#"))
    return "\n".join(lines[: next(ends, None)])


def table(text: str, place: int = 0) -> pd.DataFrame:
    """The table at `place` in a text, every cell as text without code and bold marks."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    head, rule, *rows = [_cells(line) for line in [b for b in blocks if b][place]]
    assert all(set(cell) <= {"-", ":"} for cell in rule)
    assert all(len(row) == len(head) for row in rows), "a row with other cells than its head"
    return pd.DataFrame(rows, columns=head)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "").replace("**", "") for cell in line.split("|")[1:-1]]


def numbers(column: pd.Series) -> pd.Series:
    """Figures of a column: signs, thousands and per cent as the pages write them."""
    plain = column.str.replace("−", "-").str.replace(r"[\s\u00a0\u202f%+]", "", regex=True)
    return plain.astype(float)
