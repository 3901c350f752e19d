"""The study in which the sentences are tried: the bundled prices, and the days that the sentences speak of."""

from __future__ import annotations

from pathlib import Path

import eventstudy as es
from eventstudy.objects.estimation import Event
from eventstudy.objects.results import StudyResult

CLAIMS = Path(__file__).with_name("sentences.yaml")
SEVEN = ["AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA"]
MAKERS = ["NVDA", "AVGO", "AMD", "TSM", "ASML", "MU", "MRVL", "INTC", "QCOM"]
MAKERS += ["TXN", "ARM", "ADI", "AMAT", "KLAC", "LRCX", "MCHP", "NXPI"]
#: event -> when it was announced; a moment after the close counts on the next session, a closed day too
EVENTS = {
    "results": "2024-05-22T16:20-04:00",
    "carry": "2024-08-05",
    "autumn": "2024-09-03",
    "fed": "2024-12-18",
    "new-year": "2024-12-31",
    "saturday": "2025-01-25",
    "chips": "2025-01-27",
    "march": "2025-03-31",
    "tariffs": "2025-04-03",
    "second": "2025-04-04",
    "relief": "2025-04-09",
    "five-trillion": "2025-10-29",
    "record": "2025-12-24",
    "year-end": "2025-12-31",
}


def run() -> StudyResult:
    """The study with its claims judged."""
    from eventstudy.files.dates import moment

    return es.Study(
        prices="deepseek",
        events=[Event(name, "NVDA", moment(when)) for name, when in EVENTS.items()],
        benchmark="^IXIC",
        groups={"seven": SEVEN, "makers": MAKERS},
        headline_event="chips",
        tests=["t"],
        claims=CLAIMS,
    ).run()
