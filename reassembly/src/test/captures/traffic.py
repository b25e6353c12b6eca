"""Real TCP for make.sh: exchanges, bulk transfers both ways, a reader that stalls (zero window), keep-alive probes."""
import socket, sys, time

role, kind = sys.argv[1:3]
HOST, PORT = "10.99.0.2", 7777


def read(s, count):
    while count > 0:
        part = s.recv(min(count, 65536))
        if not part:
            return
        count -= len(part)


def serve(s):
    while True:
        head = s.recv(16, socket.MSG_WAITALL)
        if len(head) < 16:
            break
        up, down = int(head[:8]), int(head[8:])
        if kind == "stalled":
            time.sleep(1.5)
        read(s, up)
        s.sendall(b"x" * down)
    s.close()


def exchange(s, up, down):
    s.sendall(b"%08d%08d" % (up, down) + b"y" * up)
    read(s, down)


if role == "server":
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == "stalled":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind((HOST, PORT))
    listener.listen(64)
    while True:
        serve(listener.accept()[0])
else:
    rounds = {"small": 3, "mixed": 8, "stalled": 1}[kind]
    for i in range(rounds):
        s = socket.create_connection((HOST, PORT))
        if kind == "stalled":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
            exchange(s, 300000, 1000)
            time.sleep(3.5)
            exchange(s, 100, 100)
        else:
            for j in range(10):
                exchange(s, 200 * j, 300 * j)
            if kind == "mixed":
                exchange(s, 150000, 10)
                exchange(s, 10, 150000)
        s.close()
    try:  # nobody listens there
        socket.create_connection((HOST, PORT + 1))
    except OSError:
        pass
