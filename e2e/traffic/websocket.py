"""WebSocket (RFC 6455) by the standard library: `websocket.py serve PORT` echoes, `websocket.py talk HOST PORT N` sends
N messages of growing size on one connection and then one plain HTTP request on another."""
import base64
import hashlib
import os
import socket
import socketserver
import struct
import sys

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def read_head(stream):
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line.strip().decode())
    return lines


def frame(opcode, payload, mask=None):
    length = len(payload)
    head = bytes([0x80 | opcode])
    bit = 0x80 if mask else 0
    if length < 126:
        head += bytes([bit | length])
    elif length < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", length)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", length)
    if mask:
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return head + (mask or b"") + payload


def read_frame(stream):
    first, second = stream.read(2)
    length = second & 127
    if length == 126:
        length, = struct.unpack(">H", stream.read(2))
    elif length == 127:
        length, = struct.unpack(">Q", stream.read(8))
    mask = stream.read(4) if second & 128 else None
    payload = stream.read(length)
    if mask:
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return first & 15, payload


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        head = read_head(self.rfile)
        fields = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:])}
        key = fields.get("sec-websocket-key")
        if not key:
            self.wfile.write(b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n"
                             b"Content-Length: 0\r\n\r\n")
            return
        accept = base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest())
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        while True:
            opcode, payload = read_frame(self.rfile)
            self.wfile.write(frame(opcode, payload))
            if opcode == 8:
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


def talk(host, port, messages):
    with socket.create_connection((host, port)) as sock:
        stream = sock.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        sock.sendall(f"GET /chat?room=1 HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        status = read_head(stream)[0]
        for i in range(messages):
            sock.sendall(frame(1, b"m" * (i * 60 + 5), os.urandom(4)))
            read_frame(stream)
        sock.sendall(frame(8, struct.pack(">H", 1000), os.urandom(4)))
        read_frame(stream)
    with socket.create_connection((host, port)) as sock:
        sock.sendall(f"GET /plain HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        plain = read_head(sock.makefile("rb"))[0]
    print(f'{{"upgrade":"{status}","plain":"{plain}","messages":{messages}}}')


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        with Server(("0.0.0.0", int(sys.argv[2])), Echo) as server:
            server.serve_forever()
    else:
        talk(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
