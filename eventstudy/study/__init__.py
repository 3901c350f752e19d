"""From a study file or a `Study` to a `StudyResult`.

Quirks: `study` and `estimate` are the only places where prices meet the mathematics. An announcement is estimated
once for each exchange, benchmark and model. The room is imported by name, so `eventstudy.study` is a package and
`es.Study` the class.
"""
