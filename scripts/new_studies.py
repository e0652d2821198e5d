"""Make three studies from nothing and run them to a verdict: a county, a city, another country.

Usage, with ../shared beside the checkout: ./dev python scripts/new_studies.py OUT [--draws N]
The bank is played on this machine (recorded_bank.py). Runs go to OUT/runs; give their folders to
fetch_evidence.py.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import statbank_server as play
from recorded_bank import recorded_bank

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
SWEDISH = ("--mapping", str(ROOT / "docs" / "howto" / "linkoping.toml"))
NORTH = "5601,5603,5605,5610,5618,5620,5622,5624,5626,5628,5634,5636"  # of 18: those on record
STUDIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "finnmark": (f"Finnmark={NORTH}", ()),
    "trondheim": ("5001", ()),
    "linkoping": ("Linköping=0580", SWEDISH),
}


def command(*words: str) -> None:
    """One bayesgap command, as a user types it."""
    subprocess.run([Path(sys.executable).with_name("bayesgap"), *words], check=True)


def made(name: str, bank: play.Bank, out: Path) -> Path:
    """Study `name` with its tables, as a user would make it; returns its file."""
    regions, extra = STUDIES[name]
    server = ("--cache", str(out / "cache"), "--server", bank.base)
    command(
        "study", "new", "--regions", regions, "--name", name, "--out", str(out), *extra, *server
    )
    study = out / name / f"{name}.toml"
    own = SHARED / "realdata"
    command("data", "fetch", str(study), "--own", str(own), *server)
    return study


def main() -> None:
    """Make, fetch and run every study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--draws", type=int)
    arguments = parser.parse_args()
    draws = () if arguments.draws is None else ("--draws", str(arguments.draws))
    arguments.out.mkdir(parents=True, exist_ok=True)
    with play.serving(recorded_bank(SHARED, ROOT / "data" / "buskerud")) as bank:
        studies = [made(name, bank, arguments.out) for name in STUDIES]
    for study in studies:
        command("run", str(study), "--out", str(arguments.out / "runs"), *draws)


if __name__ == "__main__":
    main()
