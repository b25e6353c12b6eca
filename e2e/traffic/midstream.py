"""midstream.py HOST PORT CONNECTIONS REQUESTS [body]: opens keep-alive connections and uses each once – with `body`, reads only
part of a large answer –, prints "open", waits for a line on stdin (the capture starts meanwhile), reads what is left, then
sends REQUESTS more on each."""
import http.client
import socket
import sys

RECEIVE_BUFFER = 65536  # small, so that most of the large body is still to be sent
host, port, connections, requests = sys.argv[1], *map(int, sys.argv[2:5])
in_body = sys.argv[5:] == ["body"]


def connect():
    client = http.client.HTTPConnection(host, port)
    client.sock = socket.socket()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    client.sock.connect((host, port))
    return client


def get(client, path):
    client.request("GET", path)
    return client.getresponse()


clients = [connect() for _ in range(connections)]
before = [get(client, f"/large/{number}" if in_body else f"/before/{number}") for number, client in enumerate(clients)]
for answer in before:
    answer.read(100_000 if in_body else None)
print("open", flush=True)
sys.stdin.readline()
for answer in before:
    answer.read()
good = 0
for i in range(requests):
    for number, client in enumerate(clients):
        answer = get(client, f"/after/{number}/{i}")
        good += answer.status == 200
        answer.read()
for client in clients:
    client.close()
print(f'{{"complete":{good}}}', flush=True)
