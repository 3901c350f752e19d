"""The server: the standard library's, on loopback alone, quiet, until it is interrupted."""

from __future__ import annotations

import errno
import os
import socketserver
import sys
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from eventstudy.errors import SpecError
from eventstudy.serve.guard import App

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")
"""What a browser on this machine may call it."""
_GONE = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError)


class _Handler(WSGIRequestHandler):
    """A request, without a line in the terminal for each."""

    timeout = 30  # seconds that a connection may say nothing

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the standard library
        return


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """Requests side by side: a page asks for its parts at once. No name is looked up."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would let two servers have one port

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], _GONE):
            super().handle_error(request, client_address)


def listening(port: int) -> _Server:
    """A server on loopback; port 0 is any that is free.

    Raises
    ------
    SpecError : the port is taken, or is not ours to have.
    """
    try:
        return _Server((HOST, port), _Handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SpecError(
                f"port {port} is taken by another program; choose another one, such as --port {port + 1}, or --port 0 "
                "for any that is free"
            ) from None
        if error.errno == errno.EACCES:
            raise SpecError(f"port {port} needs rights that this user lacks; choose one from 1024 up") from None
        raise SpecError(f"the page cannot be served on {HOST}:{port}: {error.strerror}") from None


def called(port: int) -> frozenset[str]:
    """What a browser on this machine calls the server; it leaves out the port of HTTP.

    >>> sorted(called(8050)), "localhost" in called(80)
    (['127.0.0.1:8050', 'localhost:8050'], True)
    """
    return frozenset(f"{name}:{port}" for name in NAMES) | (frozenset(NAMES) if port == 80 else frozenset())


def serve_until_interrupted(server: _Server, app: Callable[[frozenset[str]], App]) -> None:
    """Answer until interrupted; `app` is made for the hosts that the server is called by."""
    server.set_app(app(called(server.server_port)))
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return
