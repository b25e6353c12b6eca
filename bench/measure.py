"""What the benches share: whole-process CPU, wall and memory; the machine; one JSON line a run."""
import json
import os
import signal
import subprocess
import sys
import time

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
KUBESHARK = os.environ.get("KUBESHARK", os.path.join(ROOT, "kubeshark"))  # the program under test
sys.path.insert(0, os.path.join(ROOT, "e2e", "traffic"))


def run_measured(argv, env=None, stdout=None, stderr=None, timeout_s=900):
    """Runs a program to its end by peers/timed.c; None if it took longer than the timeout."""
    reader, writer = os.pipe()
    proc = subprocess.Popen([build_c("peers/timed.c"), str(writer), *argv], stdin=subprocess.DEVNULL,
                            stdout=stdout or subprocess.DEVNULL, stderr=stderr or subprocess.DEVNULL, pass_fds=(writer,), process_group=0,
                            env={**os.environ, **(env or {})})
    os.close(writer)
    try:
        proc.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if proc.poll() is None:  # too slow, or this bench is being ended
            os.killpg(proc.pid, signal.SIGKILL)  # its own group: the program and what it started
            proc.wait()
        answer = os.fdopen(reader)
    with answer:
        return json.loads(answer.read())


def product_ready():
    """Lets the launcher build what changed, outside of what is measured; from then on it must not. False if there is no product."""
    if not os.access(KUBESHARK, os.X_OK):
        print(f"no {KUBESHARK}: only the peers are measured", file=sys.stderr)
        return False
    done = subprocess.run([KUBESHARK, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        print(f"{KUBESHARK} --version: exit {done.returncode}: {done.stderr.strip()[-400:]}", file=sys.stderr)
        return False
    os.environ["KUBESHARK_BUILD"] = "0"
    return True


def machine():
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "unknown")
    with open("/proc/loadavg") as load:
        busy = float(load.read().split()[0])
    return {"cpu": model, "cores": os.cpu_count(), "kernel": os.uname().release, "memoryGB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "loadBefore": busy}


def stamp():
    def git(*argv):
        return subprocess.run(["git", "-C", ROOT, *argv], capture_output=True, text=True).stdout.strip()
    return {"date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "commit": git("rev-parse", "--short", "HEAD") or None, "machine": machine()}


def append_result(name, result):
    folder = os.path.join(BENCH, "results")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "a") as out:
        out.write(json.dumps(result, separators=(",", ":")) + "\n")


def build_c(source, *libraries):
    """Compiles bench/PATH.c into bench/.build when it changed; returns the program."""
    binary = os.path.join(BENCH, ".build", os.path.basename(source)[:-2])
    source = os.path.join(BENCH, source)
    if not os.path.exists(binary) or os.path.getmtime(source) > os.path.getmtime(binary):
        os.makedirs(os.path.dirname(binary), exist_ok=True)
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", f"{binary}.{os.getpid()}", source, *libraries], check=True)
        os.rename(f"{binary}.{os.getpid()}", binary)
    return binary


def in_page_cache(path):
    with open(path, "rb") as data:
        while data.read(1 << 20):
            pass
