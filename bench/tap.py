"""What live and soak share: the product tapping the server's end of the lab, its API, and the load."""
import json
import os
import re
import signal

import measure
from cases_http import Nginx
from lab import SERVER, Capture, Lab, need, sh, wait_until  # noqa: F401

API_PORT = 8899
START_TIMEOUT_S = 90
SETTLE_TIMEOUT_S = 60
PAUSE_MS = 5
TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """The process and its descendants: a launcher may start the JVM."""
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as children:
                    found += [int(c) for c in children.read().split()]
        except OSError:
            pass
    return found


def cpu_seconds(pid):
    total = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            total += sum(int(fields[i]) for i in (11, 12, 13, 14))  # utime stime cutime cstime
        except OSError:
            pass
    return total / TICKS


def rss_mb(pid):
    total = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup") as rollup:
                total += int(re.search(r"Rss:\s+(\d+) kB", rollup.read())[1])
        except (OSError, TypeError):
            pass
    return round(total / 1024, 1)


class Product:
    """`kubeshark tap --local` inside the server's namespace: its API is on that namespace's loopback, so runs do not collide."""

    def __init__(self, lab, arguments=()):
        if not measure.product_ready():
            raise SystemExit("there is no product to measure (--without-product measures the rest)")
        need("curl")
        self.lab = lab
        self.proc = lab.start(lab.server, measure.KUBESHARK, "tap", "--local", "-i", "veth0", *arguments, cwd=measure.ROOT)
        wait_until("the product's API and its worker", self._ready, START_TIMEOUT_S, 0.1)

    def _ready(self):
        if self.proc.poll() is not None:
            with open(self.proc.log, errors="replace") as log:
                raise SystemExit(f"kubeshark ended with {self.proc.returncode}:\n{log.read()[-2000:]}")
        stats = self.get("stats", check=False)
        return stats and any(w.get("connected") for w in stats.get("workers", []))

    def get(self, what, check=True):
        text = self.lab.run(self.lab.server, "curl", "-sS", "--max-time", "20", f"http://127.0.0.1:{API_PORT}/api/{what}", check=False)
        try:
            return json.loads(text)
        except ValueError:
            if check:
                raise SystemExit(f"/api/{what} answers: {text[:300]}")
            return None

    def counters(self):
        stats = self.get("stats")
        workers = stats.get("workers", [])
        drops = {}
        for worker in workers:
            for drop in worker.get("drops", []):
                drops[drop["code"]] = drops.get(drop["code"], 0) + drop.get("packets", 0)
        # The newest row's number counts all that ever came in; the store itself forgets by age and size.
        newest = self.get("entries?limit=1").get("rows", [])
        return {"entries": newest[-1]["seq"] if newest else 0, "stored": stats["store"]["entries"], "entriesPerSecond": stats.get("rates", {}).get("entriesPerSecond"),
                "packets": sum(w.get("packets", 0) for w in workers), "drops": drops, "dropped": sum(drops.values()),
                "liveConnections": sum(w.get("liveConnections", 0) for w in workers), "overload": stats.get("overload")}

    def settled(self):
        """Counters, once three looks 0.3 s apart show no more packets or entries coming in."""
        looks = []

        def same():
            now = self.counters()
            looks.append((now["packets"], now["entries"]))
            return now if len(looks) > 2 and looks[-1] == looks[-2] == looks[-3] else None
        return wait_until("the product to settle", same, SETTLE_TIMEOUT_S, 0.3)

    def stop(self):
        return self.lab.stop(self.proc, signal.SIGTERM, timeout_s=30)


class Load:
    """nginx without a log and wrk at full speed; the server's own counter is the truth."""

    def __init__(self, lab):
        self.lab, self.nginx, self.asked = lab, Nginx(lab, log=False), 0

    def served(self):
        """Requests that nginx has served to clients (not those of this method, which come over loopback)."""
        text = self.lab.run(self.lab.server, "curl", "-s", "http://127.0.0.1/stub_status")
        self.asked += 1
        return int(re.search(r"\s*\d+ \d+ (\d+)", text)[1]) - self.asked

    def start_wrk(self, seconds, options):
        """At full speed, or with --rate: then the number of connections follows from the pause of each."""
        need("wrk")
        connections, pace = options.connections, ()
        if options.rate:
            connections, pace = max(1, options.rate * PAUSE_MS // 1000), ("-s", os.path.join(measure.BENCH, "paced.lua"))
        return self.lab.start(self.lab.client, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *pace, f"http://{SERVER}{options.path}",
                              *(("--", str(PAUSE_MS)) if pace else ()))

    def finish_wrk(self, proc, seconds):
        try:
            proc.wait(seconds + 30)
        finally:
            self.lab.stop(proc)
        with open(proc.log) as log:
            text = log.read()
        return {"connections": int(re.search(r"(\d+) connections", text)[1]), "requests": int(re.search(r"(\d+) requests in", text)[1]), "requestsPerSecond": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
                "socketErrors": (re.search(r"Socket errors: (.*)", text) or [None, None])[1]}


def received_packets(lab):
    """Packets that came in at, and left from, the server's end."""
    stats = json.loads(sh("ip", "-j", "-s", "-n", lab.server, "link", "show", "veth0"))[0]["stats64"]
    return stats["rx"]["packets"] + stats["tx"]["packets"]


def tcpdump_counters(capture):
    """packets received by the filter, dropped by the kernel – so far."""
    before = len(re.findall("received by filter", capture._stderr()))
    capture.proc.send_signal(signal.SIGUSR1)
    wait_until("tcpdump's counters", lambda: len(re.findall("dropped by kernel", capture._stderr())) > before)
    return tuple(int(re.findall(rf"(\d+) packets? {words}", capture._stderr())[-1]) for words in ("received by filter", "dropped by kernel"))


