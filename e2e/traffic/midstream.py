"""midstream.py HOST PORT CONNECTIONS REQUESTS: opens keep-alive connections and uses each once, prints "open", waits for
a line on stdin (the capture starts meanwhile), then sends REQUESTS more on each."""
import http.client
import sys

host, port, connections, requests = sys.argv[1], *map(int, sys.argv[2:5])
clients = [http.client.HTTPConnection(host, port) for _ in range(connections)]


def get(client, path):
    client.request("GET", path)
    response = client.getresponse()
    response.read()
    return response.status == 200


for number, client in enumerate(clients):
    get(client, f"/before/{number}")
print("open", flush=True)
sys.stdin.readline()
good = sum(get(client, f"/after/{number}/{i}") for i in range(requests) for number, client in enumerate(clients))
for client in clients:
    client.close()
print(f'{{"complete":{good}}}', flush=True)
