"""The dashboard's side of the WebSocket, by the rules of front/src/stream/HubConnection.ts: back-off, silence, the history that closes the hole after
a lost connection, and rows known by their id."""
import base64
import http.client
import json
import os
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cluster"))
import live  # noqa: E402  (frames of a WebSocket)

BACK_OFF_FIRST_S, BACK_OFF_MAX_S = 0.5, 5
SILENCE_MAX_S = 15
HISTORY_FIRST, HISTORY_AFTER_RECONNECT = 5000, 50_000


class Site:
    """A host behind TLS at an address of this machine, and the cookie of who logged in."""

    def __init__(self, host, address, authority, base):
        self.host, self.address, self.base = f"{host}:{address[1]}", address, base
        self.name = host
        self.tls = ssl.create_default_context(cafile=authority)
        self.tls.set_alpn_protocols(["http/1.1"])
        self.cookie = None

    def connect(self, timeout):
        return self.tls.wrap_socket(socket.create_connection(self.address, timeout), server_hostname=self.name)

    def headers(self):
        return {"Host": self.host, "Origin": f"https://{self.host}", **({"Cookie": self.cookie} if self.cookie else {})}

    def call(self, method, path, body=None, timeout=10):
        """@return status, headers, body"""
        with self.connect(timeout) as connection:
            lines = [f"{method} {self.base}{path} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers().items()), "Connection: close"]
            content = b"" if body is None else json.dumps(body).encode()
            if body is not None:
                lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            return response.status, response.headers, response.read()


class Dashboard(threading.Thread):
    """One open page. rows: id → startTime of all that was shown; doubled: ids that came twice over one connection."""

    def __init__(self, site, kfl):
        super().__init__(daemon=True)
        self.site, self.kfl = site, kfl
        self.rows, self.doubled, self.problems = {}, [], []
        self.not_shown = 0
        self.opened, self.lost = [], []  # monotonic times; of lost with the reason
        self.silence_longest = self.rowless_longest = 0.0
        self.stats_frames = 0
        self.accepted = False
        self.caught_up = 0  # connections whose history is complete
        self.over = False

    def run(self):
        attempt = 0
        while not self.over:
            attempt += 1
            reason = self.one_connection()
            if self.over:
                return
            if self.accepted_now:
                attempt = 0
            self.lost.append((time.monotonic(), reason))
            time.sleep(min(BACK_OFF_MAX_S, BACK_OFF_FIRST_S * 2 ** min(attempt, 10)))

    def one_connection(self):
        """@return why it ended"""
        self.accepted_now = False
        try:
            connection = self.site.connect(10)
            stream = self.upgrade(connection)
            self.opened.append(time.monotonic())
            live.send(connection, live.TEXT, json.dumps({"type": "subscribe", "id": len(self.opened), "kfl": self.kfl,
                                                         "history": HISTORY_AFTER_RECONNECT if self.accepted else HISTORY_FIRST}).encode())
            return self.read(connection, stream)
        except (OSError, ConnectionError) as e:
            return f"{type(e).__name__}: {e}"

    def upgrade(self, connection):
        lines = [f"GET {self.site.base}/api/ws HTTP/1.1", *(f"{name}: {value}" for name, value in self.site.headers().items()), "Connection: Upgrade",
                 "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        stream = connection.makefile("rb")
        status = stream.readline().decode().strip()
        if " 101 " not in status + " ":
            raise ConnectionError(f"the upgrade is answered by '{status}'")
        while stream.readline().strip():
            pass
        return stream

    def read(self, connection, stream):
        connection.settimeout(SILENCE_MAX_S)
        of_this_connection = set()
        last_frame = last_row = time.monotonic()
        for opcode, payload in live.frames(stream):
            now = time.monotonic()
            self.silence_longest = max(self.silence_longest, now - last_frame)
            last_frame = now
            if opcode == live.PING:
                live.send(connection, live.PONG, payload)
            elif opcode == live.CLOSE:
                return f"closed by the hub: {payload!r}"
            elif opcode == live.TEXT:
                if self.frame(json.loads(payload), of_this_connection):
                    self.rowless_longest = max(self.rowless_longest, now - last_row)
                    last_row = now
        return "closed without a word (code 1006)"

    def frame(self, frame, of_this_connection):
        """@return whether it has rows"""
        kind = frame["type"]
        if kind == "stats":
            self.stats_frames += 1
        elif kind == "subscribed":
            self.accepted = self.accepted_now = True
        elif kind == "historyEnd":
            self.caught_up += 1
            if frame["truncated"] and self.caught_up > 1:
                self.problems.append("the history after the reconnect is truncated")
        elif kind in ("filterError", "end"):
            self.problems.append(json.dumps(frame))
        elif kind == "rows":
            self.not_shown += frame["notShown"]
            for row in frame["rows"]:
                if row["id"] in of_this_connection:
                    self.doubled.append(row["id"])
                of_this_connection.add(row["id"])
                self.rows[row["id"]] = row["startTime"]
            return bool(frame["rows"])
        return False
