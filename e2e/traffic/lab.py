"""The laboratory: two network namespaces joined by a veth pair, and tcpdump beside the server.

    client namespace                     server namespace
    10.77.0.1  fd77::1  veth0 ────────── veth0  10.77.0.2  fd77::2
                                           └── tcpdump -w CASE.pcap

Every process is started by the lab, dies with it (PR_SET_PDEATHSIG) and is ended by pid. Namespace names carry
the pid of the owner, so that two runs never meet and what a killed run left behind can be swept.
"""
import atexit
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CLIENT, SERVER = "10.77.0.1", "10.77.0.2"
CLIENT6, SERVER6 = "fd77::1", "fd77::2"
READY_TIMEOUT_S = 10.0
DRAIN_TIMEOUT_S = 20.0
CAPTURE_TRIES = 3
POLL_S = 0.005

PACKAGE = {  # command → Debian package, installed on demand
    "nginx": "nginx-light", "wrk": "wrk", "hey": "hey", "curl": "curl", "redis-server": "redis-server",
    "redis-cli": "redis-tools", "redis-benchmark": "redis-tools", "dnsperf": "dnsperf", "unbound": "unbound",
    "dig": "bind9-dnsutils", "tcpdump": "tcpdump", "tcpreplay": "tcpreplay", "tshark": "tshark", "tcpflow": "tcpflow",
    "tinyproxy": "tinyproxy-bin", "ethtool": "ethtool", "gcc": "gcc", "go": "golang-go", "ss": "iproute2",
}
_libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """This machine cannot make the case (a kernel part or a program is missing)."""


def need(*commands):
    """Installs what is missing, and says so: comparing needs the real programs, the product does not."""
    missing = [c for c in commands if not shutil.which(c)]
    if not missing:
        return
    packages = sorted({PACKAGE[c] for c in missing})
    print(f"installing {' '.join(packages)} (for {', '.join(missing)})", file=sys.stderr)
    subprocess.run(["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", *packages],
                   check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def sh(*argv, check=True):
    done = subprocess.run(argv, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def wait_until(what, probe, timeout_s=READY_TIMEOUT_S, every_s=POLL_S):
    deadline = time.monotonic() + timeout_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s} s for {what}")
        time.sleep(every_s)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)


def sweep():
    """Removes namespaces whose owner is gone."""
    for line in sh("ip", "netns", "list", check=False).splitlines():
        found = re.match(r"ks(\d+)[cs]\b", line)
        if found and not os.path.exists(f"/proc/{found[1]}"):
            sh("ip", "netns", "del", line.split()[0], check=False)


class Lab:
    def __init__(self, offloads=True, mtu=1500):
        if os.geteuid():
            raise Unavailable("network namespaces need root")
        need("ip" if shutil.which("ip") else "ss", "tcpdump")
        sweep()
        # A lab per process at a time: the pid is the name.
        self.client, self.server = f"ks{os.getpid()}c", f"ks{os.getpid()}s"
        self.offloads = offloads
        self.procs = []
        self.notes = {}
        tmp = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = tempfile.mkdtemp(prefix="kslab", dir=tmp)  # logs on tmpfs: a log write must not slow the server
        os.chmod(self.dir, 0o755)  # servers that give up root read it
        atexit.register(self.close)
        for name in (self.client, self.server):
            sh("ip", "netns", "add", name)
            for key in ("all", "default"):
                self.write_sysctl(name, f"net/ipv6/conf/{key}/accept_dad", "0")
                self.write_sysctl(name, f"net/ipv6/conf/{key}/router_solicitations", "0")
        sh("ip", "link", "add", "veth0", "netns", self.client, "type", "veth", "peer", "name", "veth0", "netns", self.server)
        for name, v4, v6 in ((self.client, CLIENT, CLIENT6), (self.server, SERVER, SERVER6)):
            sh("ip", "-n", name, "addr", "add", f"{v4}/24", "dev", "veth0")
            sh("ip", "-n", name, "addr", "add", f"{v6}/64", "dev", "veth0", "nodad")
            sh("ip", "-n", name, "link", "set", "lo", "up")
            sh("ip", "-n", name, "link", "set", "veth0", "mtu", str(mtu), "up")
            if not offloads:
                need("ethtool")
                sh("ip", "netns", "exec", name, "ethtool", "-K", "veth0", "tso", "off", "gso", "off", "gro", "off", "tx", "off")

    def write_sysctl(self, ns, key, value):
        sh("ip", "netns", "exec", ns, "sh", "-c", f"echo {value} > /proc/sys/{key}", check=False)

    def start(self, ns, *argv, **kw):
        """Starts a long-running program in a namespace; output goes to files in the lab's folder."""
        log = open(os.path.join(self.dir, f"{len(self.procs)}-{os.path.basename(argv[0])}.out"), "w+b")
        kw.setdefault("stdout", log)
        kw.setdefault("stderr", log)
        kw.setdefault("stdin", subprocess.DEVNULL)
        proc = subprocess.Popen(["ip", "netns", "exec", ns, *argv], preexec_fn=_die_with_parent, **kw)
        proc.log = log.name
        self.procs.append(proc)
        return proc

    def run(self, ns, *argv, timeout_s=300, check=True, input=None, cwd=None):
        """Runs a program in a namespace to its end; returns its output."""
        done = subprocess.run(["ip", "netns", "exec", ns, *argv], capture_output=True, text=True, timeout=timeout_s,
                              input=input, cwd=cwd, preexec_fn=_die_with_parent)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(argv)}: exit {done.returncode}: {done.stderr.strip()}{done.stdout[-400:]}")
        return done.stdout + (done.stderr if not check else "")

    def run_many(self, ns, commands, timeout_s=60):
        """Runs several clients side by side; each must succeed."""
        procs = [self.start(ns, *argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for argv in commands]
        outs = [p.communicate(timeout=timeout_s)[0].decode() for p in procs]
        for argv, proc, out in zip(commands, procs, outs):
            if proc.returncode:
                raise RuntimeError(f"{' '.join(argv)}: exit {proc.returncode}: {out[-400:]}")
        return outs

    def wait_listening(self, proc, port, udp=False, ns=None):
        flags = "-Hlun" if udp else "-Hltn"

        def probe():
            if proc.poll() is not None:
                raise RuntimeError(f"{proc.args} ended: {open(proc.log, errors='replace').read()[-800:]}")
            return sh("ip", "netns", "exec", ns or self.server, "ss", flags, f"sport = :{port}")

        wait_until(f"port {port}", probe)

    def wait_quiet(self):
        """Until no TCP connection is left half-way in either namespace: the last FIN is on the wire."""
        def on_the_wire(line):  # the product's own connections stay within its namespace's loopback
            peer = line.split()[4].replace("[", "").replace("]", "").removeprefix("::ffff:")
            return not peer.startswith(("127.", "::1:"))

        def quiet():
            states = ("ss", "-Htan", "state", "connected", "exclude", "time-wait", "exclude", "syn-sent")
            return not any(on_the_wire(line) for ns in (self.client, self.server) for line in sh("ip", "netns", "exec", ns, *states).splitlines())
        wait_until("the connections to close", quiet)

    def stop(self, proc, sig=signal.SIGTERM, timeout_s=15):
        if proc.poll() is None:
            proc.send_signal(sig)
            try:
                proc.wait(timeout_s)
            except subprocess.TimeoutExpired:
                proc.kill()
                proc.wait()
        if proc in self.procs:
            self.procs.remove(proc)
        return proc.returncode

    def close(self):
        for proc in list(self.procs):
            self.stop(proc, timeout_s=3)
        for name in (self.client, self.server):
            sh("ip", "netns", "del", name, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)
        atexit.unregister(self.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class KernelDrops(Exception):
    """tcpdump lost packets: the capture is no ground truth."""


class Capture:
    """tcpdump into a file, from "listening" to "everything that was received is written, nothing dropped"."""

    buffer_kib = 65536  # of the kernel's ring; `make` raises it when packets were dropped

    def __init__(self, lab, path, interface="veth0", ns=None, snaplen=262144, big=False):
        # Immediate mode hands every packet over at once; for the big captures the ring's blocks cost less.
        mode = [] if big else ["--immediate-mode"]
        self.lab, self.path, self.snaplen = lab, path, snaplen
        self.proc = lab.start(ns or lab.server, "tcpdump", "-i", interface, "-w", path, "-s", str(snaplen), "-n",
                              "-B", str(self.buffer_kib), "-Z", "root", *mode)
        self._await("listening on")

    def _stderr(self):
        with open(self.proc.log, errors="replace") as log:
            return log.read()

    def _await(self, words):
        def probe():
            if self.proc.poll() is not None:
                raise RuntimeError(f"tcpdump ended: {self._stderr()}")
            return words in self._stderr()
        wait_until(f"tcpdump to say '{words}'", probe)

    def stop(self):
        """Ends tcpdump once it has written all it received, and raises if the kernel dropped any."""
        seen = 0

        def drained():
            nonlocal seen
            before = len(re.findall(r"received by filter", self._stderr()))
            self.proc.send_signal(signal.SIGUSR1)  # makes tcpdump print its counters
            wait_until("tcpdump's counters", lambda: len(re.findall(r"received by filter", self._stderr())) > before)
            captured, received = re.findall(r"(\d+) packets? captured, (\d+) packets? received by filter", self._stderr())[-1]
            steady = captured == received and int(captured) == seen
            seen = int(captured)
            return steady

        wait_until("tcpdump to drain its ring", drained, DRAIN_TIMEOUT_S, 0.02)
        self.lab.stop(self.proc, signal.SIGINT)
        text = self._stderr()
        self.packets = int(re.findall(r"(\d+) packets? captured", text)[-1])
        dropped = int(re.findall(r"(\d+) packets? dropped by kernel", text)[-1])
        if dropped:
            raise KernelDrops(f"{dropped} packets dropped by the kernel")
        return {"packets": self.packets, "droppedByKernel": dropped, "bytes": os.path.getsize(self.path),
                "offloads": self.lab.offloads, "program": version("tcpdump", "--version"), "snaplen": self.snaplen}


def version(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    text = (done.stdout + done.stderr).strip()
    return text.splitlines()[0].strip() if text else argv[0]


def write_json(path, value):
    """Lists of objects one a line, so that a diff of an expectation can be read."""
    def text(item):
        if isinstance(item, list) and item and isinstance(item[0], dict):
            return "[\n  " + ",\n  ".join(json.dumps(e, separators=(",", ":")) for e in item) + "\n ]"
        return json.dumps(item)
    with open(path, "w") as out:
        out.write("{\n" + ",\n".join(f' "{key}": {text(item)}' for key, item in value.items()) + "\n}\n")


def write_jsonl(path, rows):
    with open(path, "w") as out:
        for row in rows:
            out.write(json.dumps(row, separators=(",", ":")) + "\n")
