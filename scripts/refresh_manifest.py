"""Write the current hash of every table into data/manifest.toml.

Usage: python scripts/refresh_manifest.py [MANIFEST]
"""

import logging
import sys
from pathlib import Path

from bayesgap.data.manifest import refresh_manifest

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    default = Path(__file__).parents[1] / "data" / "manifest.toml"
    changed = refresh_manifest(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
    logging.info("changed: %s", ", ".join(changed) or "nothing")
