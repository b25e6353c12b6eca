#!/bin/sh
# Makes the captures of TsharkTest: real TCP over a link that loses, reorders, duplicates and delays (link.py, because not every kernel
# has netem). Needs root, iproute2, ethtool, tcpdump, python3. Only headers are kept (-s 100). Writes *.pcap beside itself.
set -eu
cd "$(dirname "$0")"
A=reassembly-a-$$ B=reassembly-b-$$ M=reassembly-m-$$
cleanup() { for n in "$A" "$B" "$M"; do ip netns del "$n" 2>/dev/null || true; done; }
trap cleanup EXIT
for n in "$A" "$B" "$M"; do ip netns add "$n"; ip -n "$n" link set dev lo up; done
ip link add eth0 netns "$A" type veth peer name wire-a netns "$M"
ip link add eth0 netns "$B" type veth peer name wire-b netns "$M"
ip -n "$A" addr add 10.99.0.1/24 dev eth0
ip -n "$B" addr add 10.99.0.2/24 dev eth0
for pair in "$A eth0" "$B eth0" "$M wire-a" "$M wire-b"; do
  set -- $pair
  ip netns exec "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
  ip -n "$1" link set dev "$2" up
done

capture() { # name, link.py arguments, traffic.py kind
  ip netns exec "$M" python3 link.py wire-a wire-b $2 & link=$!
  ip netns exec "$A" tcpdump -i eth0 -s 100 -w "$1-a.pcap" -U tcp 2>/dev/null & ta=$!
  ip netns exec "$B" tcpdump -i eth0 -s 100 -w "$1-b.pcap" -U tcp 2>/dev/null & tb=$!
  sleep 1
  ip netns exec "$B" python3 traffic.py server "$3" & sv=$!
  sleep 0.5
  ip netns exec "$A" timeout 60 python3 traffic.py client "$3" || true
  sleep 1.5
  kill $sv $ta $tb $link 2>/dev/null || true
  wait 2>/dev/null || true
}
#                  delay/ms lost reordered duplicated
capture clean     "1 0 0 0" small
capture loss      "5 0.03 0 0" mixed
capture reorder   "4 0 0.05 0" mixed
capture duplicate "2 0.01 0 0.03" mixed
capture all       "3 0.02 0.02 0.02" mixed
capture stalled   "2 0 0 0" stalled
