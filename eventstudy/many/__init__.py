"""Any number of events at once. Long tables -> ReturnPanel; frames of returns and of events -> EventRun.

``ingest``, ``stream`` panels; ``eventlist`` events; ``run`` the passes; ``tally``, ``pairs`` sums that merge;
``pooled``, ``pooled_tests`` the tests from them; ``distributed`` where the pieces run; ``eventrun`` what comes back.
"""
