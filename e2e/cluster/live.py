"""live.py HOST:PORT KFL: subscribes as the dashboard does (docs/api.md) and prints each frame, one JSON object a line, until it is ended."""
import base64
import json
import os
import socket
import struct
import sys

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


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


def main():
    host, kfl = sys.argv[1:3]
    connection = socket.create_connection(host.split(":"), 10)
    connection.sendall(f"GET /api/ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode())
    connection.settimeout(None)
    stream = connection.makefile("rb")
    status = stream.readline().decode().strip()
    if " 101 " not in status + " ":
        sys.exit(f"live.py: {host} answers {status}")
    while stream.readline().strip():
        pass
    send(connection, TEXT, json.dumps({"type": "subscribe", "id": 1, "kfl": kfl, "history": 0}).encode())
    for opcode, payload in frames(stream):
        if opcode == PING:
            send(connection, PONG, payload)
        elif opcode == TEXT:
            print(payload.decode(), flush=True)


if __name__ == "__main__":
    main()
