"""Where the project lies, and tracks of known truth and real data that may lie beside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "tracks"
REAL = ROOT.parent / "shared" / "real"
