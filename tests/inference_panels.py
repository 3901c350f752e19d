"""The windows and the tests of groups that the tests of inference try."""

from __future__ import annotations

import inference_oracle as oracle

from eventstudy.inference import SINGLE, TESTS
from eventstudy.objects.estimation import Window

WINDOWS = (Window(0, 0), Window(-1, 1), Window(0, 5))
OF_GROUPS = tuple(name for name in TESTS if name not in SINGLE)
GROUP = tuple(name for name in OF_GROUPS if hasattr(oracle, name))  # the others have test files of their own
ONE_DATE = ("portfolio_t", "hotelling")
