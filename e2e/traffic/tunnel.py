"""tunnel.py KIND DEVICE LOCAL REMOTE: a link the kernel may lack, in user space. What the programs send into DEVICE (a TAP,
for ipip and gre a TUN) leaves on veth0 in the wrapping of KIND, and back. Serves until it is killed.

    vlan    Ethernet · 802.1Q 5 · payload            gretap  IPv4 · GRE 0x6558 · Ethernet
    qinq    Ethernet · 802.1ad 7 · 802.1Q 5          gre     IPv4 · GRE 0x0800 · IPv4
    geneve  IPv4 · UDP 6081 · Geneve 42 · Ethernet   ipip    IPv4 · IPv4
"""
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000
ETH_P_ALL, PACKET_OUTGOING, SOL_PACKET, PACKET_AUXDATA, VLAN_VALID = 3, 4, 263, 8, 1 << 4
GRE_ETHERNET, GRE_IPV4 = struct.pack(">HH", 0, 0x6558), struct.pack(">HH", 0, 0x0800)
GENEVE = struct.pack(">BBHI", 0, 0, 0x6558, 42 << 8)
TAGS = {"vlan": struct.pack(">HH", 0x8100, 5), "qinq": struct.pack(">HHHH", 0x88A8, 7, 0x8100, 5)}


def device(name, tap):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH14x", name.encode(), (IFF_TAP if tap else IFF_TUN) | IFF_NO_PI))
    return fd


class Tagged:
    """Frames with VLAN tags on veth0. The kernel takes the outer tag off a received frame and says so beside it."""

    def __init__(self, kind, *_):
        self.tags = TAGS[kind]
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.bind(("veth0", 0))

    def send(self, frame):
        self.sock.send(frame[:12] + self.tags + frame[12:])

    def receive(self):
        frame, beside, _, address = self.sock.recvmsg(70000, 256)
        if address[2] == PACKET_OUTGOING or not any(struct.unpack("I", data[:4])[0] & VLAN_VALID for _, _, data in beside):
            return None
        return frame[:12] + frame[12 + len(self.tags) - 4:]


class OverIp:
    """A header of its own in IPv4, by a raw socket."""

    def __init__(self, kind, local, remote):
        protocol, self.header = {"gretap": (47, GRE_ETHERNET), "gre": (47, GRE_IPV4), "ipip": (4, b"")}[kind]
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
        self.sock.bind((local, 0))
        self.remote = (remote, 0)

    def send(self, frame):
        self.sock.sendto(self.header + frame, self.remote)

    def receive(self):
        packet = self.sock.recv(70000)
        return packet[(packet[0] & 15) * 4 + len(self.header):]


class Geneve:
    def __init__(self, _, local, remote):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((local, 6081))
        self.remote = (remote, 6081)

    def send(self, frame):
        self.sock.sendto(GENEVE + frame, self.remote)

    def receive(self):
        return self.sock.recv(70000)[len(GENEVE):]


def main(kind, name, local, remote):
    tun = device(name, tap=kind not in ("gre", "ipip"))
    wire = (Tagged if kind in TAGS else Geneve if kind == "geneve" else OverIp)(kind, local, remote)
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([tun, wire.sock], [], [])
        try:
            if tun in ready:
                wire.send(os.read(tun, 70000))
            if wire.sock in ready and (frame := wire.receive()):
                os.write(tun, frame)
        except OSError:  # the device is not up yet
            pass


main(*sys.argv[1:])
