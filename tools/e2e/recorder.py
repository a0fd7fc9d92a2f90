"""A proxy in front of one function's AWS: it finds the right endpoint, and writes down each call.

Each function has one of its own, so a call says by where it came in whose it is. The scope
of the signature tells the service: ECS, Auto Scaling and Systems Manager are the simulated
fleet, everything else is MiniStack. Each call is a line of JSON; tools/infra/iam_check.py holds the roles against them.
"""

import http.client
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import wire
from processes import HOST

# Headers of one connection, which is not the one behind the proxy.
OF_A_CONNECTION = {"connection", "host", "keep-alive", "transfer-encoding"}
ANSWER = 60  # seconds; longer than any client of ours waits
TO_THE_FLEET = {"ecs", "autoscaling", "ssm"}


class Record:
    """The file of calls, written by all proxies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.calls: list[dict[str, Any]] = []
        path.write_text("", encoding="utf-8")

    def add(self, function: str, call: wire.Call, status: int) -> None:
        """Write down one call."""
        entry = {"function": function, "service": call.service, "operation": call.operation,
                 "status": status, "request": call.request}
        line = json.dumps(entry, default=wire.as_json)
        with self.lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            self.calls.append(json.loads(line))

    def find(self, function: str, operation: str, **request: Any) -> list[dict[str, Any]]:
        """Find a function's calls of an operation with these parameters that were answered well."""
        with self.lock:
            calls = list(self.calls)
        return [call for call in calls
                if (call["function"], call["operation"]) == (function, operation)
                and call["status"] == 200
                and all(call["request"].get(name) == value for name, value in request.items())]


class Server(ThreadingHTTPServer):
    """One thread for each connection."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Take a client that has gone for what it is; Lambda ends functions that have connections open."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def start_proxy(function: str, aws: str, fleet: str, record: Record) -> str:
    """Start the proxy of one function, in a thread of this process, and return its endpoint."""

    class Handler(BaseHTTPRequestHandler):
        """Passes one request on."""

        protocol_version = "HTTP/1.1"
        do_GET = do_POST = do_PUT = do_DELETE = lambda self: pass_on(self)  # noqa: E731

        def log_message(self, format: str, *arguments: Any) -> None:
            """Keep the console for the scenarios."""

    def pass_on(handler: BaseHTTPRequestHandler) -> None:
        """Send a request where it belongs, write it down, and send back what came."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        service = wire.service_of(handler.headers)
        status, headers, answer = forward(handler, body, fleet if service in TO_THE_FLEET else aws)
        call = wire.read(handler.path, handler.headers, body)
        if call:
            record.add(function, call, status)
        reply(handler, status, headers, answer)

    server = Server((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, name=f"proxy of {function}", daemon=True).start()
    return f"http://{HOST}:{server.server_address[1]}"


Answered = tuple[int, list[tuple[str, str]], bytes]


def forward(handler: BaseHTTPRequestHandler, body: bytes, endpoint: str) -> Answered:
    """Send a request to an endpoint, signature and all."""
    headers = {name: value for name, value in handler.headers.items() if name.lower() not in OF_A_CONNECTION}
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=ANSWER)
    try:
        connection.request(handler.command, handler.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    except OSError as failure:
        return 502, [("Content-Type", "text/plain")], f"{endpoint}: {failure}".encode()
    finally:
        connection.close()


def reply(handler: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    """Send an answer back. A client that has gone meanwhile needs none."""
    try:
        handler.send_response_only(status)
        for name, value in headers:
            if name.lower() not in OF_A_CONNECTION | {"content-length"}:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    except OSError:
        handler.close_connection = True


