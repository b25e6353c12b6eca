"""load.py URL --calls N --run NAME [--clients N] [--rate N]: makes exactly N calls through the front-end and says what it counted.

Each call carries its own name (?call=RUN-NUMBER), in an order that depends on nothing but its number. A call whose connection breaks is not repeated:
it is in "errors", as nobody knows whether the server saw it. Output: a line for each answer, CALL METHOD PATH STATUS FRONT_END_POD BACK_POD, with
what the pods behind it said of themselves (- if nothing), then, as the last line:
{"run", "calls", "answered", "errors": [...], "seconds", "counts": {"GET /catalogue": {"200": n}, ...}}
"""
import argparse
import collections
import http.client
import json
import threading
import time
import urllib.parse

CLIENTS_MAX = 64
ERRORS_LISTED = 20


def call(number):
    """Method and path of a call."""
    user = f"/cart/user{number % 7}"
    return [("GET", "/catalogue"), ("GET", f"/catalogue/{number % 20 + 1}"), ("GET", "/catalogue/999"), ("GET", user), ("POST", user)][number % 5]


def client(address, options, numbers, lines, errors, start):
    connection = http.client.HTTPConnection(address, timeout=30)
    for number in numbers:
        if options.rate:
            time.sleep(max(0.0, start + number / options.rate - time.monotonic()))
        method, path = call(number)
        try:
            body = json.dumps({"item": number % 20 + 1}) if method == "POST" else None
            connection.request(method, f"{path}?call={options.run}-{number}", body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            answer.read()
            pods = [answer.getheader(header, "-") for header in ("X-Front-End", "X-Pod")]
            lines.append((f"{options.run}-{number}", method, path, str(answer.status), *pods))
        except (OSError, http.client.HTTPException) as error:
            errors.append(f"{options.run}-{number}: {error!r}")
            connection.close()
    connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rate", type=float, default=0, help="calls per second; 0: as fast as answers come")
    options = parser.parse_args()
    address = urllib.parse.urlsplit(options.url).netloc
    clients = max(1, min(options.clients, CLIENTS_MAX))
    start = time.monotonic()
    answers, errors = [], []  # both may be appended to by every thread
    threads = [threading.Thread(target=client, args=(address, options, range(first, options.calls, clients), answers, errors, start))
               for first in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(" ".join(line) for line in answers))
    counts = collections.defaultdict(collections.Counter)
    for _, method, path, status, _, _ in answers:
        counts[f"{method} {path}"][status] += 1
    print(json.dumps({"run": options.run, "calls": options.calls, "answered": len(answers), "errors": errors[:ERRORS_LISTED],
                      "errorCount": len(errors), "seconds": round(time.monotonic() - start, 2), "counts": counts}), flush=True)


if __name__ == "__main__":
    main()
