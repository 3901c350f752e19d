"""How many wrong prices the checks find: known defects are put into real prices at random places, and counted.

``python -m corruption`` writes docs/reliability.csv and, from it, docs/reliability.md. `prices` holds the two sets of
real prices, `defects` what is put into them, `trial` puts it in and asks the checks, `page` writes the table.
"""
