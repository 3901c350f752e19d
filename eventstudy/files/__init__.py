"""A user's files: YAML with line numbers, files written whole or not at all, folders, dates.

Quirks: Whatever opens a file goes through `reading`, which refuses devices, pipes and links out of a folder. YAML is
read by events, so that its limits bite before memory does; dates stay texts until `dates` reads them.
"""
