"""Any number of events at once. Long tables -> ReturnPanel; returns or prices and events -> EventRun.

``doors``, ``ingest``, ``stream`` panels, ``checks`` of their days; ``eventlist`` events; ``run``, ``passes`` what is
measured; ``tally``, ``residuals``, ``ranks``, ``correlation`` sums that merge; ``pooled``, ``pooled_tests`` the tests
from them; ``distributed`` where the pieces run; ``eventrun``, ``frames``, ``regression`` what comes back.

Quirks: Events are sorted by security inside and given back in the caller's order. AR, SAR and paths are computed at
first use. A frame of returns is looked at on every call, a `ReturnPanel` once.
"""
