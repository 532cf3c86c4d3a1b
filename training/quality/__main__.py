"""Measures parts, keeps their results and writes the page.

python -m training.quality --shared ../shared                       # everything, in this order
python -m training.quality --shared ../shared --parts voice,words   # these parts, and the page
python -m training.quality --render                                 # the page alone, from what is kept
"""

import argparse
import subprocess
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from training.quality.render import render
from training.quality.results import load, save

PARTS = {
    "moments": "judgement",
    "transfer": "transfer",
    "empathy": "transfer",
    "clean": "clean",
    "voice": "voice",
    "sounds": "sounds",
    "words": "ears",
    "diarization": "ears",
    "times": "ears",
}
"""Every part, in the order of the page, and the module whose function of that name measures it."""
QUICKEST_FIRST = ("times", "words", "voice", "empathy", "clean", "transfer", "sounds", "moments", "diarization")
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "QUALITY.md"
RESULTS = ROOT / "docs" / "quality"
SCRATCH = ROOT / "build" / "quality"
"""What parts keep between runs, so that a run that was stopped begins near where it stopped."""


def main() -> None:
    """Reads the command line; measures, keeps, renders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder that holds calls/ and data/")
    parser.add_argument("--parts", default="", help=f"some of {','.join(PARTS)}; default: all")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    options = parser.parse_args()
    chosen = options.parts.replace(",", " ").split() or list(QUICKEST_FIRST)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; the parts are {', '.join(PARTS)}")
    if not options.render and not (options.shared / "calls").is_dir():
        parser.error(f"{options.shared} holds no calls/; name the folder of the data with --shared")
    for name in () if options.render else sorted(chosen, key=QUICKEST_FIRST.index):
        measure(name, options.shared)
        render(load(RESULTS), list(PARTS), PAGE)
    render(load(RESULTS), list(PARTS), PAGE)
    print(f"{PAGE} is written.")


def measure(name: str, shared: Path) -> None:
    """Measure one part and keep its result."""
    print(f"measuring {name} ...", flush=True)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    result = getattr(import_module(f"training.quality.{PARTS[name]}"), name)(shared, SCRATCH)
    result.took_s = round(time.monotonic() - began, 1)
    result.date = f"{datetime.now(UTC):%Y-%m-%d}"
    result.version = version()
    save(result, RESULTS)
    for row in result.rows:
        print(f"  {row.what}, {row.on}: {row.figure} {row.ours:.3f}", flush=True)


def version() -> str:
    """The commit that is measured, with a plus sign where files differ from it; results and pages do not count."""
    commit, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--", ".", ":!docs")
    return f"{commit}{'+' if changed else ''}" or "unknown"


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    main()
