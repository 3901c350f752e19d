"""Size and power of the tests on a study's own prices: what is asked, the pseudo-events, the result, its page.

Quirks: It is not called simulate, because a submodule of that name would hide `es.simulate`.
"""
