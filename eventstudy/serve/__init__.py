"""A study in the browser, on this machine alone: what a reader may choose, the page, the server and its guard.

Quirks: A choice is a change of the `Study` and nothing else, so that `run` with the same settings gives the same bytes.
Dash is an extra and imported in `app`, `page` and `parts` alone.
"""
