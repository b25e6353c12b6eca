"""live.py HOST:PORT KFL [--reconnect]: subscribes as the dashboard does (docs/api.md) and prints each frame, one JSON object a line, until it is ended.

--reconnect: as front/src/stream/HubConnection.ts does: when the connection breaks, says {"type":"lost","reason":…} and tries again, first after
500 ms and at most every 5 s; then it asks for the history of what it may have missed.
"""
import base64
import json
import os
import socket
import struct
import sys
import time

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
BACK_OFF_SECONDS_FIRST, BACK_OFF_SECONDS_MAX = 0.5, 5
SILENCE_SECONDS_MAX = 15
HISTORY_AFTER_RECONNECT = 50_000


def send(connection, opcode, payload):
    """A client's frame: masked (RFC 6455, 5.3)."""
    mask = os.urandom(4)
    length = struct.pack(">B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack(">BH", 0x80 | 126, len(payload))
    connection.sendall(bytes([0x80 | opcode]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))


def frames(stream):
    """Opcode and payload of each message; fragments are joined."""
    message, kind = b"", None
    while True:
        head = stream.read(2)
        if len(head) < 2:
            return
        length = head[1] & 0x7F
        if length >= 126:
            length = struct.unpack(">H" if length == 126 else ">Q", stream.read(2 if length == 126 else 8))[0]
        payload = stream.read(length)
        opcode = head[0] & 0x0F
        if opcode >= CLOSE:
            yield opcode, payload
            continue
        kind = opcode or kind
        message += payload
        if head[0] & 0x80:
            yield kind, message
            message = b""


def opened(host):
    """A socket that is a WebSocket, and what is read from it. OSError where there is none."""
    connection = socket.create_connection(host.split(":"), 10)
    connection.sendall(f"GET /api/ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode())
    connection.settimeout(SILENCE_SECONDS_MAX)  # the hub says something each second
    stream = connection.makefile("rb")
    status = stream.readline().decode().strip()
    if " 101 " not in status + " ":
        connection.close()
        raise OSError(f"{host} answers {status or 'nothing'}")
    while stream.readline().strip():
        pass
    return connection, stream


def watch(host, kfl, history):
    """Prints the frames of one connection until it ends."""
    connection, stream = opened(host)
    with connection:
        send(connection, TEXT, json.dumps({"type": "subscribe", "id": 1, "kfl": kfl, "history": history}).encode())
        for opcode, payload in frames(stream):
            if opcode == PING:
                send(connection, PONG, payload)
            elif opcode == TEXT:
                print(payload.decode(), flush=True)
                yield


def main():
    host, kfl = sys.argv[1:3]
    reconnect = "--reconnect" in sys.argv
    history, back_off = 0, BACK_OFF_SECONDS_FIRST
    while True:
        reason = "closed"
        try:
            for _ in watch(host, kfl, history):
                history, back_off = HISTORY_AFTER_RECONNECT, BACK_OFF_SECONDS_FIRST
        except OSError as error:
            reason = str(error)
        if not reconnect:
            sys.exit(f"live.py: {reason}")
        print(json.dumps({"type": "lost", "reason": reason}), flush=True)
        time.sleep(back_off)
        back_off = min(BACK_OFF_SECONDS_MAX, 2 * back_off)


if __name__ == "__main__":
    main()
