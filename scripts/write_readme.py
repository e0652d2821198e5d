"""Write the table and the figure of README.md from a run.

Usage: ./dev python scripts/write_readme.py RUN
"""

import shutil
import sys
from pathlib import Path

from bayesgap.present import table
from bayesgap.present.health_text import by_severity, verdict_line
from bayesgap.present.selection import Query, select
from bayesgap.runs.run import open_run
from bayesgap.runs.summary import read_rows

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "README.md"
FIGURE = Path("docs/figures/drammensregionen_fan.png")
BEGIN, END = "<!-- results: begin -->\n", "<!-- results: end -->\n"


def markdown(run_path: Path) -> str:
    """Verdict, caption, table of total gaps and figure of one run."""
    run = open_run(run_path)
    health = run.health
    wide = select(read_rows(run), Query())
    rows = table.readable(wide, "total", {})
    lines = [
        "| " + " | ".join(rows[0]) + " |",
        "|---|---:" + "|---:" * (len(rows[0]) - 2) + "|",
    ]
    lines += ["| " + " | ".join(row.values()) + " |" for row in rows]
    noted = [check for check in by_severity(health) if check.verdict != "PASS"]
    verdict = f"**{verdict_line(health)}** " + " ".join(check.sentence for check in noted)
    caption = table.caption(wide, run.id, "main")
    picture = f"![Drammensregionen to 2040: supply, demand, gap; 50, 80, 95 % intervals]({FIGURE})"
    return "\n\n".join([verdict, caption, "\n".join(lines), picture]) + "\n"


def main() -> None:
    """Put the results of the run named on the command line into the page."""
    run_path = Path(sys.argv[1])
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{markdown(run_path)}{END}{after}", encoding="utf-8")
    (ROOT / FIGURE).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run_path / "figures" / FIGURE.name, ROOT / FIGURE)


if __name__ == "__main__":
    main()
