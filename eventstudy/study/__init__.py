"""From a study file or a `Study` to a `StudyResult`."""
