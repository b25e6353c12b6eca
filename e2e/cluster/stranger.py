"""stranger.py HOST:PORT/PATH...: asks each door for a WebSocket without credentials; prints the status of each answer, or "refused"."""
import socket
import ssl
import sys

QUESTION = ("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")

for door in sys.argv[1:]:
    host, path = door.split("/", 1)
    name, port = host.split(":")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with context.wrap_socket(socket.create_connection((name, int(port)), 5)) as connection:
            connection.settimeout(5)
            connection.sendall(QUESTION.format(path="/" + path, host=host).encode())
            words = connection.recv(64).decode().split()
            print(words[1] if len(words) > 1 else "refused")
    except OSError:
        print("refused")
