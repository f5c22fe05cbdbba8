"""The meta of a light curve whose errors are the noise, as its neighbours tell."""

from typing import Any

QUANTITIES = ("I_compact", "I_extended")


def known_noise(
    interval: float, reference: float = 1.0, noise_from: str = "neighbours"
) -> dict[str, Any]:
    """Meta of integrations of `interval` s, of a minispiral of `reference` Jy, without drifts."""
    factors = dict.fromkeys(QUANTITIES, 1.0)
    return {
        "interval_s": interval,
        "reference_flux_jy": reference,
        "gains": {
            "noise": factors,
            "white_noise": factors,
            "noise_from": dict.fromkeys(QUANTITIES, noise_from),
            "covariance": {"drift_err": 0.0, "drift_timescale_s": 300.0},
        },
    }
