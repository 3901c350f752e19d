"""Hostile input for every door of the package: spoiled files and wrong arguments, all from one seed.

``make fuzz`` runs it at length, ``tests/test_fuzz.py`` shortly with every run of the tests. An input may be read or
refused by an `EventStudyError`; any other exception, more than 5 s or more than 4 GiB is a fault.
"""
