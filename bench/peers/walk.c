// walk FILE: the floor under every dissector. libpcap reads the file, Ethernet, VLAN, IP and TCP headers are stepped over,
// payload bytes are counted and never looked at.
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

static uint64_t packets, tcp_packets, payload;

static unsigned be16(const u_char *at) { return at[0] << 8 | at[1]; }

static void step(u_char *user, const struct pcap_pkthdr *header, const u_char *at) {
  (void)user;
  const u_char *end = at + header->caplen;
  packets++;
  if (end - at < 14) return;
  unsigned type = be16(at + 12);
  for (at += 14; (type == 0x8100 || type == 0x88A8) && end - at >= 4; at += 4) type = be16(at + 2);
  unsigned protocol, length, header_length;
  if (type == 0x0800 && end - at >= 20) {
    header_length = (at[0] & 15) * 4;
    length = be16(at + 2);
    if (length < header_length) return;
    protocol = at[9];
    at += header_length;
    length -= header_length;
  } else if (type == 0x86DD && end - at >= 40) {
    length = be16(at + 4);
    protocol = at[6];
    at += 40;
  } else {
    return;
  }
  if (protocol != 6 || end - at < 20) return;
  header_length = (at[12] >> 4) * 4;
  tcp_packets++;
  if (length >= header_length) payload += length - header_length;
}

int main(int argc, char **argv) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *file = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
  if (!file) {
    fprintf(stderr, "walk FILE: %s\n", argc == 2 ? error : "which file?");
    return 1;
  }
  int result = pcap_loop(file, -1, step, NULL);
  printf("{\"packets\":%lu,\"tcpPackets\":%lu,\"payloadBytes\":%lu}\n", (unsigned long)packets, (unsigned long)tcp_packets, (unsigned long)payload);
  return result < 0;
}
