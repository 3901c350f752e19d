"""READ THIS FIRST: the frozen objects, in the order of the flow.

``prices``, ``estimation``, ``outcomes`` (tests), ``verdicts`` (claims), ``settings``, ``reference`` (share
counts and the like), ``results`` (what a report may read).

Quirks: The records are frozen, and their arrays cannot be written to: take a copy. `results` and `lookups` import
upward inside methods, which no other room may. An event is looked up by its key, never by its ticker.
"""
