"""The one least-squares engine: any number of windows, in numpy or compiled. `kernel` is its contract."""
