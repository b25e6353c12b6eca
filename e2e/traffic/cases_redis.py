"""Redis cases: redis-benchmark and redis-cli, RESP2 and RESP3. The server's own counters are read over its Unix socket,
so the question does not appear in the capture."""
import os
import re
import shlex
import signal
import subprocess
from collections import Counter

from lab import SERVER, Capture, need, version, wait_until


class Redis:
    def __init__(self, lab, docs):
        need("redis-server", "redis-cli", "redis-benchmark")
        # redis-cli asks for COMMAND DOCS (173 KB) when it reads its standard input. Without that command, as on many
        # hosted servers, it asks twice in vain and the capture stays small.
        self.docs, extra = docs, () if docs else ("--rename-command", "COMMAND", "")
        self.lab, self.socket = lab, os.path.join(lab.dir, "redis.sock")
        self.proc = lab.start(lab.server, "redis-server", "--port", "6379", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "",
                              "--appendonly", "no", "--unixsocket", self.socket, "--dir", lab.dir, "--enable-debug-command", "yes", *extra)
        lab.wait_listening(self.proc, 6379)
        self.ask("config", "resetstat")
        self.pushes = 0

    def ask(self, *command):
        return subprocess.run(["redis-cli", "-s", self.socket, *command], capture_output=True, text=True, check=True).stdout

    def calls(self):
        """Commands by name as the server counts them, without this class's own."""
        counts = Counter()
        for name, calls, rejected in re.findall(r"cmdstat_([^:]+):calls=(\d+),.*?rejected_calls=(\d+)", self.ask("info", "commandstats")):
            counts[name.split("|")[0].upper()] += int(calls) + int(rejected)
        for own in ("INFO", "PUBSUB"):
            counts.pop(own, None)
        # CONFIG RESETSTAT was ours, and counts after its own reset.
        counts["CONFIG"] -= 1
        return +counts

    def benchmark(self, *argv):
        out = self.lab.run(self.lab.client, "redis-benchmark", "-h", SERVER, "--csv", *argv, timeout_s=600)
        return len(out.splitlines()) - 1

    def cli(self, commands, *flags):
        """One redis-cli, one connection, the commands from its standard input; returns them as exchanges."""
        self.lab.run(self.lab.client, "redis-cli", "-h", SERVER, *flags, input="\n".join(commands) + "\n")
        sent = (["HELLO 3"] if "-3" in flags else []) + (["COMMAND DOCS"] if self.docs else ["COMMAND DOCS", "COMMAND"]) + list(commands)
        return [{"protocol": "redis", "command": shlex.split(c)[0].upper(), "arguments": shlex.split(c)[1:]} for c in sent]

    def subscriber(self, publish, *flags):
        """A subscriber on a connection of its own, `publish` messages from another."""
        proc = self.lab.start(self.lab.client, "redis-cli", "-h", SERVER, *flags, "SUBSCRIBE", "news", "weather")
        wait_until("the subscription", lambda: "weather\n1" in self.ask("pubsub", "numsub", "weather"))
        exchanges = [{"protocol": "redis", "command": "HELLO", "arguments": ["3"]}] if "-3" in flags else []
        exchanges.append({"protocol": "redis", "command": "SUBSCRIBE", "arguments": ["news", "weather"]})
        exchanges += self.cli([f"PUBLISH news message-{i}" for i in range(publish)], *flags)

        def arrived():
            with open(proc.log) as log:
                return f"message-{publish - 1}" in log.read()
        wait_until("the messages", arrived)
        self.lab.stop(proc, signal.SIGINT)
        self.pushes += publish
        return exchanges


def uncounted(exchanges, docs):
    """What commandstats leaves out: unknown commands, and those queued in a MULTI that was discarded."""
    counts, queue = Counter(), None
    for name in (e["command"] for e in exchanges):
        if name == "NOSUCHCOMMAND" or (name == "COMMAND" and not docs):
            counts[name] += 1
        elif name == "MULTI":
            queue = Counter()
        elif name in ("EXEC", "DISCARD"):
            counts += queue if name == "DISCARD" else Counter()
            queue = None
        elif queue is not None:
            queue[name] += 1
    return counts


def redis_case(drive, docs=False):
    def make(lab, path, options):
        redis = Redis(lab, docs)
        capture = Capture(lab, path, big=options.big)
        listed, counted_by_client = drive(redis, options)
        lab.wait_quiet()
        facts = capture.stop()
        calls = redis.calls()
        total = calls + uncounted(listed, docs)
        expect = {"protocol": "redis", "capture": facts, "client": {"program": version("redis-cli", "--version"), "commands": counted_by_client},
                  "server": {"program": version("redis-server", "--version"), "requests": sum(total.values())},
                  "counts": {"redis": sum(total.values())}, "commands": dict(sorted(total.items())), "pushes": redis.pushes}
        return {**expect, "sessions": listed}
    return make


def benchmark(*tests, pipeline=1, requests=40, connections=2):
    def drive(redis, options):
        n = options.requests or requests
        n -= n % pipeline
        c = options.connections or connections
        for test in tests:
            redis.benchmark("-n", str(n), "-c", str(c), "-P", str(pipeline), "-r", "100000", *test)
        return [], n * len(tests)
    return drive


ECHO = ("-r", "2147483647", "ECHO", "__rand_int__-__rand_int__")

# No DEBUG PROTOCOL attrib or bignum: redis-cli 7.0 cannot read them and gives up.
BASIC = ["SET greeting hello", "GET greeting", "GET missing", "INCR counter", "LPUSH list a b c", "LRANGE list 0 -1", "LPUSH greeting x",
         "NOSUCHCOMMAND a", "SET only-one-argument", "MULTI", "SET in-multi 1", "INCR in-multi", "GET in-multi", "EXEC", "MULTI", "SET never 1", "DISCARD",
         "HSET map f1 v1 f2 v2", "HGETALL map", "EVAL 'return {1,2,{3,redis.status_reply(\"OK\")}}' 0", "DEL greeting list", "SET empty ''", "GET empty", "PING"]
RESP3 = ["HSET map f1 v1 f2 v2", "HGETALL map", "SADD set a b", "SMEMBERS set", "ZADD zset 1.5 a 2.25 b", "ZSCORE zset a", "GET missing", "NOSUCHCOMMAND a",
         *(f"DEBUG PROTOCOL {kind}" for kind in ("string", "integer", "double", "null", "array", "set", "map", "verbatim", "true", "false")),
         "CLIENT TRACKING on", "GET tracked", "SET tracked 1", "GET tracked", "MULTI", "SET tracked 2", "INCR tracked", "EXEC", "PING"]


def basic(redis, options):
    bench, n = benchmark(("-t", "set,get,incr"), requests=16)(redis, options)
    return redis.cli(BASIC) + redis.subscriber(3), n * 3


def resp3(redis, options):
    # The tracked key is written by its own reader too: the server pushes an invalidation between the answers.
    return redis.cli(RESP3, "-3") + redis.subscriber(3, "-3"), None


CASES = {
    "redis-basic": ("redis-benchmark and redis-cli, RESP2: errors, nil, MULTI, pub/sub", redis_case(basic)),
    "redis-pipeline": ("redis-benchmark -P 16", redis_case(benchmark(("-t", "set"), ("-t", "get"), pipeline=16, requests=160))),
    "redis-resp3": ("redis-cli -3: every RESP3 type, pushes, MULTI, pub/sub", redis_case(resp3)),
    "redis-docs": ("the same with redis-cli's COMMAND DOCS: nested answers of 173 KB", redis_case(basic, docs=True)),
    "redis-echo": ("ECHO of unique values, one at a time: ground truth for loss", redis_case(benchmark(ECHO, requests=200))),
    "redis-echo-pipeline": ("ECHO of unique values, -P 16", redis_case(benchmark(ECHO, pipeline=16, requests=320))),
}
