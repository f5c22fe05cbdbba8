"""A campaign of two small simulated tracks, as a user's own; conftest.py makes it."""

from pathlib import Path

TRACKS = ("a", "b")
SPWS = (0, 1)
TURNS = 3  # a sky of so few data takes more, which is not judged


def configuration(**changes) -> dict:
    config = {
        "campaign": "tiny",
        "spws": list(SPWS),
        "image": {"imsize": 128, "pixels_per_fringe": 4, "niter": 300, "gain": 0.1},
        "model": {"turns": TURNS},
        "scale": {"flux_range": [1.0, 6.0]},
        # tracks of minutes have little to say
        "science": {"in_report": False},
        "tracks": {track: {"ms": f"{track}.ms"} for track in TRACKS},
    }
    for section, keys in changes.items():
        if section in ("image", "model", "scale"):
            config[section] = {**config[section], **keys}
        else:
            config[section] = keys
    return config


def products(folder: Path, name: str = "tiny") -> Path:
    return folder / "results" / name
