"""READ THIS FIRST: the frozen objects, in the order of the flow.

``prices``, ``estimation``, ``outcomes`` (tests), ``verdicts`` (claims), ``settings``, ``reference`` (share
counts and the like), ``results`` (what a report may read).
"""
