"""The cluster's DNS: dnsmasq, which is told the services (and the pods behind headless ones) whenever they change."""
import json
import os
import signal
import ssl
import subprocess
import time
import urllib.request

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/"
HOSTS = "/tmp/hosts"
POLL_SECONDS = 1


def items(kind):
    request = urllib.request.Request(f"https://{os.environ['KUBERNETES_SERVICE_HOST']}/api/v1/{kind}",
                                     headers={"Authorization": "Bearer " + open(ACCOUNT + "token").read()})
    context = ssl.create_default_context(cafile=ACCOUNT + "ca.crt")
    with urllib.request.urlopen(request, context=context, timeout=5) as answer:
        return json.load(answer)["items"]


def addresses():
    """Lines of a hosts file."""
    behind = {}
    for endpoints in items("endpoints"):
        key = endpoints["metadata"]["namespace"], endpoints["metadata"]["name"]
        behind[key] = [address["ip"] for subset in endpoints.get("subsets") or [] for address in subset.get("addresses") or []]
    for service in items("services"):
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        cluster = service["spec"].get("clusterIP")
        for address in behind.get((namespace, name), []) if cluster == "None" else [cluster] if cluster else []:
            yield f"{address} {name}.{namespace}.svc.cluster.local"


def main():
    known, dnsmasq = None, None
    while True:
        try:
            names = "\n".join(sorted(addresses())) + "\n"
        except OSError as error:
            print(f"the API server does not answer, names stay: {error}", flush=True)
            names = known
        if names != known:
            with open(HOSTS + ".new", "w") as hosts:
                hosts.write(names)
            os.rename(HOSTS + ".new", HOSTS)
            known = names
            if dnsmasq:
                dnsmasq.send_signal(signal.SIGHUP)
            else:
                dnsmasq = subprocess.Popen(["/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file=",
                                            "--no-resolv", "--no-hosts", "--local=/local/", "--local-ttl=5", "--addn-hosts=" + HOSTS,
                                            "--log-facility=-"])
        if dnsmasq and dnsmasq.poll() is not None:
            raise SystemExit(f"dnsmasq ended with {dnsmasq.returncode}")
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main()
