"""Find what an article says about markets, and write it down as claims that wait to be confirmed.

``article`` and ``markup`` read a file into paragraphs; ``names``, ``vocabulary`` and ``aliases`` hold the tables;
``days``, ``quantities`` and ``sentence`` mark what stands in a sentence; ``values``, ``ranks``, ``beside`` and
``moves`` hold the rules; ``draft`` puts them together, ``restate`` says a statement in words of its own,
``claimsfile`` writes.

Quirks: Rules are patterns over a sentence in which names, numbers, verbs and days stand as ``<Wa>``, ``<Qb>``,
``<Vc>``, ``<Dd>``. A rule takes the numbers that it used, and `moves` reads those that are left.
"""
