"""Where CASA's own tasks find their data: casaconfig looks for a module of this name.

A variable CASASITECONFIG, /opt/casa/casasiteconfig.py and the user's ~/.casa/config.py go before
it. The workflow's own jobs take `minispiral.casa_site` whole, which sends CASA's log elsewhere.
"""

from minispiral.casa_site import (  # noqa: F401
    data_auto_update,
    datapath,
    measures_auto_update,
    measurespath,
)
