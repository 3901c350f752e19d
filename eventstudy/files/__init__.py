"""A user's files: YAML with line numbers, files written whole or not at all, folders, dates."""
