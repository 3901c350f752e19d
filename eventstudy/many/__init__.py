"""Any number of events at once. Long tables -> ReturnPanel; returns or prices and events -> EventRun.

``doors``, ``ingest``, ``stream`` panels, ``checks`` of their days; ``eventlist`` events; ``run``, ``passes`` what is
measured; ``tally``, ``residuals``, ``ranks``, ``correlation`` sums that merge; ``pooled``, ``pooled_tests`` the tests
from them; ``distributed`` where the pieces run; ``eventrun``, ``frames``, ``regression`` what comes back.
"""
