"""The one least-squares engine: any number of windows, in numpy or compiled. `kernel` is its contract.

Quirks: `kernel` alone chooses the way; every way gives the same numbers to 1e-12. Compiled loops are built at the
first call and cached beside the source. NaN is asked of a stored value, never of a difference, because numba may
reorder sums.
"""
