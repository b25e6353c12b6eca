"""The same HTTP under other links: VLAN tags and tunnels. VXLAN by the kernel, the others by tunnel.py."""
import os
import sys

from cases_http import http_case, wrk_drive
from lab import CLIENT, SERVER, Unavailable, sh, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
INNER_CLIENT, INNER_SERVER = "10.78.0.1", "10.78.0.2"
MTU = 1400  # room for the wrapping


def sides(lab):
    return ((lab.client, CLIENT, SERVER, INNER_CLIENT), (lab.server, SERVER, CLIENT, INNER_SERVER))


def vxlan(lab):
    for ns, _, remote, _ in sides(lab):
        try:
            sh("ip", "-n", ns, "link", "add", "inner0", "type", "vxlan", "id", "42", "remote", remote, "dstport", "4789", "dev", "veth0")
        except RuntimeError as error:
            raise Unavailable(f"this kernel has no vxlan ({error})") from error


def user_space(kind):
    def setup(lab):
        if not os.path.exists("/dev/net/tun"):
            raise Unavailable("no /dev/net/tun")
        for ns, local, remote, _ in sides(lab):
            proc = lab.start(ns, sys.executable, os.path.join(HERE, "tunnel.py"), kind, "inner0", local, remote)

            def ready():
                with open(proc.log) as log:
                    text = log.read()
                if proc.poll() is not None:
                    raise Unavailable(f"tunnel.py ended: {text}")
                return "ready" in text
            wait_until("tunnel.py", ready)
    return setup


def inner(setup):
    def run(lab):
        setup(lab)
        for ns, _, _, address in sides(lab):
            sh("ip", "-n", ns, "addr", "add", f"{address}/24", "dev", "inner0")
            sh("ip", "-n", ns, "link", "set", "inner0", "mtu", str(MTU), "up")
    return run


def link_case(setup):
    return http_case(wrk_drive("/1k/", server=INNER_SERVER, requests=24, connections=3), lab_setup=inner(setup))


CASES = {
    "http-vxlan": ("HTTP in VXLAN 42 (kernel)", link_case(vxlan)),
    "http-vlan": ("HTTP under an 802.1Q tag", link_case(user_space("vlan"))),
    "http-qinq": ("HTTP under 802.1ad and 802.1Q tags", link_case(user_space("qinq"))),
    "http-gretap": ("HTTP in Ethernet in GRE", link_case(user_space("gretap"))),
    "http-gre": ("HTTP in IPv4 in GRE", link_case(user_space("gre"))),
    "http-ipip": ("HTTP in IPv4 in IPv4", link_case(user_space("ipip"))),
    "http-geneve": ("HTTP in Geneve 42", link_case(user_space("geneve"))),
}
