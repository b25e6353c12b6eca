"""HTTP/1.1 cases: nginx with wrk, hey, curl, and small programs where no common client does it."""
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter

from lab import CLIENT6, SERVER, SERVER6, Capture, Lab, need, version, wait_until  # noqa: F401

HERE = os.path.dirname(os.path.abspath(__file__))
LOG_FIELDS = ["connection", "client", "port", "method", "path", "status", "responseSize", "bodySize", "requestSize"]
LOG_FORMAT = r"$connection\t$remote_addr\t$remote_port\t$request_method\t$request_uri\t$status\t$bytes_sent\t$body_bytes_sent\t$request_length"
KIB = "0123456789abcdef" * 64
SIZES = (200, 500, 1024, 2048, 4096, 10240, 20480, 51200, 102400)  # bodies of http-mixed

NGINX = """daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/error.log warn; worker_rlimit_nofile 20000;
{user}
events {{ worker_connections 8192; }}
http {{
  log_format exact '{log_format}';
  access_log {log};
  client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  default_type text/plain; keepalive_requests 100000000; keepalive_timeout 600; etag on; sendfile on; tcp_nopush on;
  large_client_header_buffers 8 16k; client_max_body_size 64m; lingering_close off;
  # The answer says which request it belongs to: the only way to tell right pairs from wrong ones.
  add_header X-Echo $request_uri always;
  server {{
    listen 80 backlog=4096; listen [::]:80; root {dir}/files;
    location / {{ return 200 "hello $request_uri\\n"; }}
    location /1k/ {{ return 200 "{kib}"; }}
    location /large/ {{ try_files /1m.txt =404; }}
    location /100k/ {{ try_files /100k.txt =404; }}
    location ~ ^/size/(?<bytes>[0-9]+)/ {{ try_files /$bytes.txt =404; }}
    location /post/ {{ return 200 "got $request_length $request_uri\\n"; }}
    location /chunked/ {{ sub_filter_types *; sub_filter_once off; sub_filter 0123 0123; return 200 "{kib}"; }}
    location /gzip/ {{ gzip on; gzip_min_length 0; gzip_types *; try_files /10k.txt =404; }}
    location /upload/ {{ dav_methods PUT; create_full_put_path on; root {dir}/up; }}
    location /204/ {{ return 204; }}
    location /304/ {{ if_modified_since before; try_files /10k.txt =404; }}
    location /redirect/ {{ return 302 /plain/there; }}
    location /error/ {{ return 503 "no\\n"; }}
    location /close/ {{ keepalive_timeout 0; return 200 "bye $request_uri\\n"; }}
    location /reuse/ {{ keepalive_timeout 0; return 200 "bye\\n"; }}
    location = /stub_status {{ access_log off; stub_status; }}
  }}
}}
"""


class Nginx:
    def __init__(self, lab, log=True):
        need("nginx")
        self.lab = lab
        os.makedirs(os.path.join(lab.dir, "files"), exist_ok=True)
        os.makedirs(os.path.join(lab.dir, "up"), exist_ok=True)
        for name, bytes_ in [("10k", 10240), ("100k", 102400), ("1m", 1 << 20), *((str(s), s) for s in SIZES)]:
            with open(os.path.join(lab.dir, "files", name + ".txt"), "w") as out:
                out.write("".join(f"line {i} of {name}\n" for i in range(bytes_ // 8))[:bytes_])
        conf = os.path.join(lab.dir, "nginx.conf")
        with open(conf, "w") as out:
            out.write(NGINX.format(dir=lab.dir, log=f"{lab.dir}/access.log exact buffer=1m" if log else "off", log_format=LOG_FORMAT, kib=KIB, user="user root;"))
        self.proc = lab.start(lab.server, "nginx", "-c", conf)
        lab.wait_listening(self.proc, 80)

    def stop(self):
        """Ends nginx in order (its log is buffered) and returns the log, one dict a request."""
        self.lab.stop(self.proc, signal.SIGQUIT, timeout_s=30)
        with open(os.path.join(self.lab.dir, "access.log")) as log:
            for line in log:
                row = dict(zip(LOG_FIELDS, line.rstrip("\n").split("\t")))
                yield {k: int(v) if v.isdigit() and k != "path" else v for k, v in row.items()}


def exact_wrk(lab, total, connections, path, batch=1, body=0, close=False, server=SERVER, timeout_s=600):
    """Runs wrk for exactly `total` requests; returns what it says it got."""
    need("wrk")
    if total % batch:
        raise ValueError(f"{total} requests are no whole number of batches of {batch}")
    host = f"[{server}]" if ":" in server else server
    proc = lab.start(lab.client, "wrk", "-t1", f"-c{connections}", f"-d{timeout_s}s", "--timeout", "60s", "-s",
                     os.path.join(HERE, "exact.lua"), f"http://{host}/", "--", str(total), str(batch), path, str(body),
                     "close" if close else "keep")

    def said():
        with open(proc.log, errors="replace") as log:
            return log.read()

    def done():
        if proc.poll() is not None:
            raise RuntimeError(f"wrk ended early: {said()}")
        return "exact: done" in said()

    wait_until("wrk to finish", done, timeout_s, 0.01)
    lab.stop(proc, signal.SIGINT)
    text = said()
    return {"program": version("wrk", "-v"), "requests": int(re.search(r"(\d+) requests in", text)[1]),
            "socketErrors": "Socket errors" in text, "non2xx": int((re.search(r"Non-2xx.*: (\d+)", text) or [0, 0])[1])}


def curl_config(lab, urls_with_options):
    """One curl process, one connection: a config file with `next` between transfers."""
    blocks = []
    for url, *options in urls_with_options:
        out = os.path.join(lab.dir, "curl.body")
        blocks.append("\n".join(["silent", "http1.1", f'url = "{url}"', f'output = "{out}"',
                                 'write-out = "%{http_code} %{method} %{size_download} %{size_upload} %{local_port}\\n"', *options]))
    path = os.path.join(lab.dir, "curl.conf")
    with open(path, "w") as conf:
        conf.write("\nnext\n".join(blocks) + "\n")
    out = lab.run(lab.client, "curl", "-K", path)
    rows = [line.split() for line in out.splitlines()]
    return {"program": version("curl", "--version"), "requests": len(rows),
            "statuses": dict(sorted(Counter(r[0] for r in rows).items()))}


def summary(rows):
    return {"requests": len(rows), "byMethodAndStatus": dict(sorted(Counter(f"{r['method']} {r['status']}" for r in rows).items())),
            "responseBytes": sum(r["responseSize"] for r in rows), "requestBytes": sum(r["requestSize"] for r in rows),
            "connections": len({r["connection"] for r in rows})}


def exchange(row):
    """nginx's sizes: responseSize with the head and a 100 Continue, bodySize with chunk framing. Its size of a request
    leaves discarded bodies out, so it is kept only where there is no body."""
    fields = ("method", "path", "status", "responseSize", "bodySize") + (("requestSize",) if row["method"] in ("GET", "HEAD") else ())
    client = f"[{row['client']}]" if ":" in row["client"] else row["client"]
    return {"protocol": "http", "client": f"{client}:{row['port']}", **{k: row[k] for k in fields}}


def http_case(drive, offloads=True, lab_setup=None):
    """The common shape: nginx up, capture on, `drive` the client, everything down, the log becomes the expectation."""
    def make(lab, path, options):
        nginx = Nginx(lab)
        if lab_setup:
            lab_setup(lab)
        capture = Capture(lab, path, big=options.big)
        client = drive(lab, options)
        lab.wait_quiet()
        facts = capture.stop()
        rows = list(nginx.stop())
        return {"protocol": "http", "capture": facts, "client": client,
                "server": {"program": version("nginx", "-v"), **summary(rows)}, "counts": {"http": len(rows)},
                "echo": "response header X-Echo is the request's path", "exchanges": [exchange(r) for r in rows]}
    make.offloads = offloads
    return make


def wrk_drive(path, batch=1, body=0, close=False, server=SERVER, requests=48, connections=4):
    def drive(lab, options):
        total = options.requests or requests
        return exact_wrk(lab, total - total % batch, options.connections or connections, path, batch, body, close, server)
    return drive


def hey_close(lab, options):
    need("hey", "curl")
    n, c = options.requests or 24, options.connections or 4
    out = lab.run(lab.client, "hey", "-n", str(n - n % c), "-c", str(c), "-disable-keepalive", f"http://{SERVER}/plain/hey")
    answered = sum(int(k) for k in re.findall(r"\[200\]\s+(\d+) responses", out))
    # HTTP/1.0 has no chunks: the body of unknown length ends with the connection.
    for i in range(3):
        lab.run(lab.client, "curl", "-s", "--http1.0", f"http://{SERVER}/chunked/old{i}")
    return {"program": "hey -disable-keepalive; curl --http1.0", "requests": answered + 3}


def curl_drive(*transfers):
    def drive(lab, options):
        need("curl")
        return curl_config(lab, [(f"http://{SERVER}{t[0]}", *t[1:]) for t in transfers])
    return drive


def mixed(lab, options):
    """Bodies of 0.2–100 KB in one keep-alive mix, by several wrk one after another (each its own size)."""
    total = options.requests or 90
    got = Counter()
    # As many bytes as it takes for an average of ~12 KB: small ones come often.
    weights = {200: 20, 500: 15, 1024: 20, 2048: 12, 4096: 10, 10240: 9, 20480: 6, 51200: 5, 102400: 3}
    for size, weight in weights.items():
        part = max(1, total * weight // 100)
        got["requests"] += exact_wrk(lab, part, options.connections or 4, f"/size/{size}/")["requests"]
    return {"program": version("wrk", "-v"), **got}


def gzip(lab, options):
    return curl_drive(*[(f"/gzip/{i}", "compressed") for i in range(6)], ("/gzip/plain",))(lab, options)


def post_continue(lab, options):
    need("curl")
    big = os.path.join(lab.dir, "big.bin")
    with open(big, "wb") as out:
        out.write(os.urandom(9000))
    return curl_drive(
        ("/post/expect", f'data-binary = "@{big}"', 'header = "Expect: 100-continue"'),
        ("/upload/put-expect", f'upload-file = "{big}"', 'header = "Expect: 100-continue"'),
        ("/post/chunked", f'data-binary = "@{big}"', 'header = "Transfer-Encoding: chunked"', 'header = "Expect:"'),
        ("/upload/put", f'upload-file = "{big}"', 'header = "Expect:"'),
        ("/post/form", 'data = "a=1&b=two%20words"'),
        ("/post/json", 'data = "{}"', 'header = "Content-Type: application/json"'),
        ("/post/multipart", f'form = "file=@{big};filename=x.bin"', 'form = "n=1"', 'header = "Expect:"'),
    )(lab, options)


HEAD_204_304 = curl_drive(
    ("/304/first",), ("/304/head", "head"), ("/204/a",), ("/304/again", 'header = "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT"'),
    ("/100k/head", "head"), ("/204/b", 'request = "DELETE"'), ("/redirect/x",), ("/error/x",), ("/missing/../304/none", 'request = "OPTIONS"'),
    ("/204/head", "head"), ("/304/range", 'range = "0-99"'), ("/304/last", "head"))


def upgrade(lab, path, options):
    python = sys.executable
    server = lab.start(lab.server, python, os.path.join(HERE, "websocket.py"), "serve", "8080")
    lab.wait_listening(server, 8080)
    capture = Capture(lab, path)
    client = json.loads(lab.run(lab.client, python, os.path.join(HERE, "websocket.py"), "talk", SERVER, "8080", str(options.requests or 12)))
    lab.wait_quiet()
    facts = capture.stop()
    return {"protocol": "http", "capture": facts, "client": {"program": "websocket.py", **client},
            "server": {"program": "websocket.py"}, "counts": {"http": 2}, "webSocketMessages": client["messages"] * 2 + 2,
            "exchanges": [{"protocol": "http", "method": "GET", "path": "/chat?room=1", "status": 101},
                          {"protocol": "http", "method": "GET", "path": "/plain", "status": 426}]}


def connect(lab, path, options):
    need("tinyproxy", "curl")
    nginx = Nginx(lab)
    conf = os.path.join(lab.dir, "tinyproxy.conf")
    with open(conf, "w") as out:
        out.write(f"Port 8888\nListen {SERVER}\nTimeout 60\nConnectPort 80\nMaxClients 20\nLogLevel Warning\n")
    proxy = lab.start(lab.server, "tinyproxy", "-d", "-c", conf)
    lab.wait_listening(proxy, 8888)
    capture = Capture(lab, path)
    n = options.requests or 4
    for i in range(n):
        lab.run(lab.client, "curl", "-s", "-p", "-x", f"http://{SERVER}:8888", f"http://{SERVER}/tunnel/{i}", f"http://{SERVER}/tunnel/{i}/b")
    refused = lab.run(lab.client, "curl", "-s", "-p", "-x", f"http://{SERVER}:8888", "-o", "/dev/null", "-w", "%{http_connect}",
                      f"http://{SERVER}:81/", check=False).strip()
    lab.wait_quiet()
    facts = capture.stop()
    rows = list(nginx.stop())
    return {"protocol": "http", "capture": facts, "client": {"program": version("curl", "--version"), "tunnels": n, "refused": refused},
            "server": {"program": version("tinyproxy", "-v"), "behindIt": summary(rows)}, "counts": {"http": n + 1},
            "exchanges": [{"protocol": "http", "method": "CONNECT", "path": f"{SERVER}:80", "status": 200}] * n
            + [{"protocol": "http", "method": "CONNECT", "path": f"{SERVER}:81", "status": int(refused[-3:])}],
            # Whether the inside of a tunnel is dissected too is the product's choice.
            "optional": [{"protocol": "http", "method": "GET", "path": r["path"], "status": r["status"]} for r in rows]}


def reuse(lab, options):
    need("gcc")
    binary = os.path.join(lab.dir, "reuse")
    subprocess.run(["gcc", "-O2", "-o", binary, os.path.join(HERE, "reuse.c")], check=True)
    facts = json.loads(lab.run(lab.client, binary, SERVER, "80", str(options.requests or 200), "20000"))
    return {"program": "reuse.c", "requests": facts["completeResponses"], **facts}


def midstream(*mode):
    def make(lab, path, options):
        nginx = Nginx(lab)
        proc = lab.start(lab.client, sys.executable, os.path.join(HERE, "midstream.py"), SERVER, "80", str(options.connections or 4),
                         str(options.requests or 10), *mode, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if proc.stdout.readline().strip() != "open":
            raise RuntimeError("midstream.py did not open its connections")
        capture = Capture(lab, path)
        out, _ = proc.communicate("go\n", timeout=30)
        lab.wait_quiet()
        facts = capture.stop()
        rows = [r for r in nginx.stop() if r["path"].startswith("/after/")]
        return {"protocol": "http", "capture": facts, "client": {"program": "midstream.py (http.client)", "requests": json.loads(out)["complete"]},
                "server": {"program": version("nginx", "-v"), **summary(rows)}, "counts": {"http": len(rows)},
                # The end of an answer whose request and head were not captured may be reported or not.
                "halfAllowed": bool(mode), "echo": "response header X-Echo is the request's path", "exchanges": [exchange(r) for r in rows]}
    return make


CASES = {
    "http-keepalive": ("nginx + wrk, keep-alive", http_case(wrk_drive("/plain/"))),
    "http-close": ("hey, a connection a request; curl with HTTP/1.0: bodies that end with the connection", http_case(hey_close)),
    "http-pipelined": ("wrk, batches of 16 requests", http_case(wrk_drive("/plain/", batch=16, requests=96, connections=2))),
    "http-chunked": ("chunked answers", http_case(wrk_drive("/chunked/", requests=16, connections=2))),
    "http-gzip": ("gzip answers, chunked, and one plain", http_case(gzip)),
    "http-1k": ("bodies of 1 KB", http_case(wrk_drive("/1k/", requests=500))),
    "http-100k": ("bodies of 100 KB: packets above the MTU by offloads", http_case(wrk_drive("/100k/", requests=30))),
    "http-no-offloads": ("bodies of 100 KB, every packet within the MTU", http_case(wrk_drive("/100k/", requests=12), offloads=False)),
    "http-mixed": ("bodies of 0.2 to 100 KB", http_case(mixed)),
    "http-post": ("POST with bodies of 2 KB", http_case(wrk_drive("/post/", body=2000, requests=32))),
    "http-post-continue": ("POST and PUT by curl: Expect: 100-continue, chunked, form, multipart", http_case(post_continue)),
    "http-head-204-304": ("HEAD, 204, 304, 206, 302, 503 on one connection", http_case(HEAD_204_304)),
    "http-connect": ("CONNECT through tinyproxy, with plain HTTP inside", connect),
    "http-upgrade": ("WebSocket upgrade and messages; a refused one", upgrade),
    "http-ipv6": ("wrk over IPv6", http_case(wrk_drive("/plain/", server=SERVER6, requests=32))),
    "http-reuse": ("short connections on re-used four-tuples", http_case(reuse)),
    "http-midstream": ("capture begins after the connections are open", midstream()),
    "http-midstream-body": ("capture begins within large answers; then more exchanges", midstream("body")),
}
