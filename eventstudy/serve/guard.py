"""What stands before the page: who may ask, for what, and what a browser may do with the answer.

A page of another site can make a browser send requests to this machine. It cannot choose the ``Host`` that the browser
names, except by a name of its own that leads here (DNS rebinding), so any other host is refused; and a browser says
where a request comes from (``Origin``, ``Sec-Fetch-Site``), so what another site asks for is refused too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]

LARGEST = 1_000_000
"""Bytes of a request: one holds a few choices."""
POSTED = "/_dash-update-component"
PATHS = ("/", "/_dash-layout", "/_dash-dependencies", POSTED)
BELOW = "/_dash-component-suites/"
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def policy(hashes: Iterable[str]) -> str:
    """The content security policy of the page; `hashes` are those of the scripts that stand in it.

    Styles stand in the page because plotly.js and Dash write them there.
    """
    return (
        f"default-src 'none'; script-src 'self' {' '.join(hashes)}; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def guarded(app: App, hosts: Container[str], secured: str, further: Container[str] = ()) -> App:
    """An application behind the guard.

    Parameters
    ----------
    hosts : what a browser calls this server, such as ``127.0.0.1:8050``.
    secured : the content security policy of every answer that does not bring its own.
    further : paths of pages beside Dash's.
    """

    def guard(environ: Environ, start: Start) -> Iterable[bytes]:
        why = refused(environ, hosts, further)
        if why is not None:
            return _plain(start, *why)

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            named = {name.lower() for name, _ in headers}
            own = [] if "content-security-policy" in named else [("Content-Security-Policy", secured)]
            return start(status, [*headers, *HEADERS, *own], *rest)

        return app(environ, begin)

    return guard


def refused(environ: Environ, hosts: Container[str], further: Container[str] = ()) -> tuple[str, str] | None:
    """Status and words of a request that is not answered, None for one that is.

    Examples
    --------
    >>> asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "127.0.0.1:8050"}
    >>> refused(asked, {"127.0.0.1:8050"})
    >>> refused(asked | {"HTTP_HOST": "example.org:8050"}, {"127.0.0.1:8050"})[0]
    '403 Forbidden'
    """
    method, path = environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", "")
    if environ.get("HTTP_HOST") not in hosts:
        return "403 Forbidden", "This page is for this machine alone: open it by the address that eventstudy printed."
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin.removeprefix("http://") not in hosts:
        return "403 Forbidden", "Another site may not ask for this page."
    if environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin") and path != "/":
        return "403 Forbidden", "Another site may not ask for this page."
    if method not in (("POST",) if path == POSTED else ("GET", "HEAD")):
        return "405 Method Not Allowed", "The page is read, and its choices are posted; nothing else is."
    if path not in PATHS and path not in further and not path.startswith(BELOW):
        return "404 Not Found", "There is no such page here."
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return "413 Content Too Large", "A request holds a few choices, and this one is far larger."
    return None


def _plain(start: Start, status: str, words: str) -> Iterable[bytes]:
    body = f"{words}\n".encode()
    kind = ("Content-Type", "text/plain; charset=utf-8")
    start(
        status, [kind, ("Content-Length", str(len(body))), ("Content-Security-Policy", "default-src 'none'"), *HEADERS]
    )
    return [body]
