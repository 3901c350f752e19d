"""`eventstudy doctor`: does this installation work, and what is missing if not."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at; ``needed`` says that nothing works without it."""

    what: str
    ok: bool
    detail: str
    needed: bool = True


def examine() -> list[Examined]:
    """Python, every dependency, the bundled studies with their checksums, where prices come from and what is looked for
    in them, and the optional browser and extras."""
    return [_python(), *_overwritten(), *_dependencies(), *_studies(), *_prices(), _browser(), *_extras()]


def _python() -> Examined:
    found = ".".join(str(n) for n in sys.version_info[:3])
    return Examined("Python", sys.version_info >= (3, 11), f"{found} (3.11 or later is needed)")


def _overwritten() -> list[Examined]:
    """A row only where another distribution has written into the same folder."""
    other = getattr(
        sys.modules["eventstudy"], "_other_package", lambda: "the folder eventstudy holds another package's __init__.py"
    )()
    return [] if other is None else [Examined("the folder eventstudy", False, other)]


def _dependencies() -> list[Examined]:
    declared = [r for r in requires("eventstudy-claims") or () if "extra ==" not in r]
    names = [found[0] for r in declared if (found := re.match(r"[A-Za-z0-9._-]*[A-Za-z0-9]", r))]
    return [_installed(name, needed=True) for name in sorted(names)]


def _installed(name: str, *, needed: bool, hint: str = "") -> Examined:
    try:
        return Examined(name, True, version(name), needed)
    except PackageNotFoundError:
        return Examined(name, False, f"not installed{hint}", needed)


def _studies() -> list[Examined]:
    from eventstudy.errors import EventStudyError
    from eventstudy.files.folders import bundled, bundled_snapshots
    from eventstudy.prices.snapshot import verify

    rows = []
    for name in bundled_snapshots():
        try:
            rows.append(Examined(f"study {name}", True, f"{len(verify(bundled(name)))} files as pinned"))
        except EventStudyError as error:
            rows.append(Examined(f"study {name}", False, str(error)))
    return rows


def _prices() -> list[Examined]:
    """The providers and the quality checks of this installation, in the words of their cards."""
    from eventstudy.prices import PROVIDERS
    from eventstudy.prices.plugins import plugins
    from eventstudy.prices.quality import QUALITY_CHECKS

    providers = [
        Examined(f"provider {name}", True, card.words + (" (uses the network)" if card.network else ""))
        for name, card in PROVIDERS.items()
    ]
    providers += [Examined(f"provider {name}", True, f"of another package: {p.value}") for name, p in plugins().items()]
    checks = [
        Examined(f"check {name}", True, f"{card.severity}: {card.words}; {card.fix}")
        for name, card in QUALITY_CHECKS.items()
    ]
    return providers + checks


def _browser() -> Examined:
    from eventstudy.files.browser import chromium

    found = chromium()
    return Examined("Chromium, for PDF and pictures", found is not None, found or "not found", needed=False)


def _extras() -> list[Examined]:
    return [
        _installed("pyarrow", needed=False, hint="; the extra `parquet` brings it"),
        _installed("openpyxl", needed=False, hint="; the extra `excel` brings it"),
        _installed("dash", needed=False, hint="; the extra `serve` brings it"),
        _installed("jupyter", needed=False, hint="; the extra `notebooks` brings it"),
    ]
