"""DNS cases: dnsperf and dig against unbound with local data."""
import os
import re
import subprocess
from collections import Counter

from lab import SERVER, SERVER6, Capture, need, version

UNBOUND = """server:
  verbosity: 0
  username: ""
  chroot: ""
  directory: "{dir}"
  pidfile: "{dir}/unbound.pid"
  use-syslog: no
  num-threads: 1
  do-daemonize: no
  interface: 0.0.0.0
  interface: ::0
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  edns-buffer-size: 8192
  max-udp-size: 8192
  incoming-num-tcp: 200
  module-config: "iterator"
  minimal-responses: no
  local-zone: "any.test." redirect
  local-data: "any.test. 60 A 192.0.2.1"
  local-data: "any.test. 60 AAAA 2001:db8::1"
  local-data: "any.test. 60 MX 10 mail.any.test."
  local-data: 'any.test. 60 TXT "v=spf1 -all"'
  local-zone: "none.test." static
{big}
remote-control:
  control-enable: yes
  control-interface: {dir}/control.sock
  control-use-cert: no
"""
TYPES = ("A", "AAAA", "MX", "TXT")


class Unbound:
    def __init__(self, lab):
        need("unbound", "dnsperf", "dig")
        # An answer of about 4 KB: 16 strings of 250 bytes, as records of one set.
        big = "\n".join(f"  local-data: 'big.test. 60 TXT \"{chr(97 + i) * 250}\"'" for i in range(16))
        self.lab, self.conf = lab, os.path.join(lab.dir, "unbound.conf")
        with open(self.conf, "w") as out:
            out.write(UNBOUND.format(dir=lab.dir, big='  local-zone: "big.test." static\n' + big))
        self.proc = lab.start(lab.server, "unbound", "-d", "-c", self.conf)
        lab.wait_listening(self.proc, 53, udp=True)
        lab.wait_listening(self.proc, 53)

    def queries(self):
        out = subprocess.run(["unbound-control", "-c", self.conf, "stats_noreset"], capture_output=True, text=True, check=True).stdout
        return int(re.search(r"total\.num\.queries=(\d+)", out)[1])


def question(name, type_, rcode):
    return {"protocol": "dns", "name": name.rstrip("."), "type": type_, "rcode": rcode}


def dns_case(drive):
    def make(lab, path, options):
        unbound = Unbound(lab)
        capture = Capture(lab, path, big=options.big)
        client, exchanges = drive(lab, options)
        lab.wait_quiet()
        facts = capture.stop()
        return {"protocol": "dns", "capture": facts, "client": client, "server": {"program": version("unbound", "-V"), "requests": unbound.queries()},
                "counts": {"dns": len(exchanges)}, "echo": "the answer repeats the question", "exchanges": exchanges}
    return make


def dnsperf(mode, server=SERVER, requests=60):
    def drive(lab, options):
        exchanges, path = [], os.path.join(lab.dir, "queries")
        with open(path, "w") as out:
            for i in range(options.requests or requests):
                missing = i % 10 == 9
                name, type_ = f"q{i}.none.test" if missing else f"q{i}.any.test", TYPES[i % len(TYPES)]
                out.write(f"{name} {type_}\n")
                exchanges.append(question(name, type_, "NXDOMAIN" if missing else "NOERROR"))
        out = lab.run(lab.client, "dnsperf", "-s", server, "-d", path, "-n", "1", "-m", mode, "-c", str(options.connections or 3), "-q", "20")
        completed = int(re.search(r"Queries completed:\s+(\d+)", out)[1])
        rcodes = dict(re.findall(r"(NOERROR|NXDOMAIN|SERVFAIL) (\d+)", out))
        if rcodes != {k: str(v) for k, v in Counter(e["rcode"] for e in exchanges).items()}:
            raise RuntimeError(f"dnsperf's codes are not what was asked for: {rcodes}")
        return {"program": version("dnsperf", "-h"), "requests": completed, "rcodes": rcodes}, exchanges
    return drive


def digs(server, count=6):
    """Answers of 4 KB over UDP, which IP has to fragment; two truncated ones, asked again over TCP."""
    def drive(lab, options):
        exchanges = []
        for _ in range(options.requests or count):
            out = lab.run(lab.client, "dig", f"@{server}", "+notcp", "+ignore", "+bufsize=8192", "+nocookie", "big.test", "TXT")
            if int(re.search(r"MSG SIZE  rcvd: (\d+)", out)[1]) < 4000:
                raise RuntimeError(out)
            exchanges.append(question("big.test", "TXT", "NOERROR"))
        for _ in range(2):
            lab.run(lab.client, "dig", f"@{server}", "+noedns", "big.test", "TXT")
            exchanges += [question("big.test", "TXT", "NOERROR")] * 2
        return {"program": version("dig", "-v"), "requests": len(exchanges)}, exchanges
    return drive


CASES = {
    "dns-udp": ("dnsperf over UDP", dns_case(dnsperf("udp"))),
    "dns-tcp": ("dnsperf over TCP", dns_case(dnsperf("tcp"))),
    "dns-ipv6": ("dnsperf over UDP on IPv6", dns_case(dnsperf("udp", server=SERVER6))),
    "dns-fragmented": ("dig, EDNS, 4 KB answers in IP fragments; truncated ones again over TCP", dns_case(digs(SERVER))),
    "dns-fragmented-ipv6": ("the same on IPv6", dns_case(digs(SERVER6))),
}
