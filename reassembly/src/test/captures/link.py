"""A bad wire between two interfaces: link.py A B delayMs lost reordered duplicated (shares of packets). Seeded."""
import heapq, random, select, socket, sys, time

names, (delay, lost, reordered, duplicated) = sys.argv[1:3], map(float, sys.argv[3:7])
chance = random.Random(1)
ends = []
for name in names:
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((name, 0))
    s.setblocking(False)
    ends.append(s)
queue, number = [], 0
while True:
    wait = max(0, queue[0][0] - time.monotonic()) if queue else 1
    ready, _, _ = select.select(ends, [], [], wait)
    for s in ready:
        while True:
            try:
                frame, address = s.recvfrom(65536)
            except BlockingIOError:
                break
            if address[2] == socket.PACKET_OUTGOING:
                continue
            tcp = frame[12:14] == b"\x08\x00"
            if tcp and chance.random() < lost:
                continue
            # Overtaken by the next few packets: half a millisecond later than its turn.
            due = time.monotonic() + delay / 1000 + (0.0005 if tcp and chance.random() < reordered else 0)
            for _ in range(2 if tcp and chance.random() < duplicated else 1):
                number += 1
                heapq.heappush(queue, (due, number, 1 - ends.index(s), frame))
    while queue and queue[0][0] <= time.monotonic():
        _, _, to, frame = heapq.heappop(queue)
        try:
            ends[to].send(frame)
        except OSError:
            pass
