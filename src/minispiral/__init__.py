"""True light curves of Sgr A* from ALMA data, measured against the constant minispiral."""

__version__ = "0.1.0"
