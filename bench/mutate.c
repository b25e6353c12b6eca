// mutate IN OUT [--seed N] [--drop P%] [--duplicate P%] [--swap P%] [--snaplen N] [--dropped FILE]
//
// Damages a capture the way networks and capturing do. Streams: one packet is held back at most, so memory does not
// depend on the file. The same seed gives the same bytes. For each packet of the input, in this order:
//   drop       it is left out, and its index (from 0, in the input) goes to FILE, one a line
//   duplicate  it is written twice
//   swap       it changes places with the next packet that is written
// --snaplen cuts what is written and leaves the original length in the header, as the kernel does.
// Reads and writes classic pcap (both byte orders, micro- and nanoseconds); prints what it did as JSON.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_HEADER = 24, RECORD_HEADER = 16, PACKET_BYTES_MAX = 1 << 20, IO_BUFFER = 1 << 20 };

struct packet {
  uint8_t header[RECORD_HEADER];
  uint32_t captured;
  uint8_t bytes[PACKET_BYTES_MAX];
};

static int swapped_order;
static uint32_t snaplen = UINT32_MAX;
static uint64_t random_state, written;

static void fail(const char *what, const char *name) {
  fprintf(stderr, "mutate: %s: %s\n", what, name);
  exit(1);
}

static uint32_t u32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return swapped_order ? __builtin_bswap32(value) : value;
}

static void put_u32(uint8_t *at, uint32_t value) {
  if (swapped_order) value = __builtin_bswap32(value);
  memcpy(at, &value, 4);
}

// splitmix64: all 64 bits of the seed matter, and it is the same on every machine.
static double random_unit(void) {
  uint64_t z = (random_state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static void write_packet(FILE *out, struct packet *packet) {
  uint32_t length = packet->captured < snaplen ? packet->captured : snaplen;
  put_u32(packet->header + 8, length);
  if (fwrite(packet->header, RECORD_HEADER, 1, out) != 1 || fwrite(packet->bytes, 1, length, out) != length)
    fail("write", strerror(errno));
  written++;
}

static int read_packet(FILE *in, struct packet *packet) {
  if (fread(packet->header, RECORD_HEADER, 1, in) != 1) return 0;
  packet->captured = u32(packet->header + 8);
  if (packet->captured > PACKET_BYTES_MAX) fail("no packet is that long", "is this a pcap file?");
  return fread(packet->bytes, 1, packet->captured, in) == packet->captured;  // a cut last packet is the end
}

static double share(const char *text) {
  char *end;
  double value = strtod(text, &end);
  if (*end == '%') value /= 100;
  else if (*end) fail("not a share (1% or 0.01)", text);
  return value;
}

int main(int argc, char **argv) {
  double drop = 0, duplicate = 0, swap = 0;
  const char *names[2] = {0}, *dropped_name = 0;
  int count = 0;
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] != '-') {
      if (count < 2) names[count] = argv[i];
      count++;
      continue;
    }
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (!strcmp(argv[i], "--drop")) drop = share(value);
    else if (!strcmp(argv[i], "--duplicate")) duplicate = share(value);
    else if (!strcmp(argv[i], "--swap")) swap = share(value);
    else if (!strcmp(argv[i], "--seed")) random_state = strtoull(value, 0, 10);
    else if (!strcmp(argv[i], "--snaplen")) snaplen = strtoul(value, 0, 10);
    else if (!strcmp(argv[i], "--dropped")) dropped_name = value;
    else fail("unknown option", argv[i]);
    i++;
  }
  if (count != 2) fail("usage", "IN OUT [--seed N] [--drop P%] [--duplicate P%] [--swap P%] [--snaplen N] [--dropped FILE]");
  FILE *in = fopen(names[0], "rb"), *out = fopen(names[1], "wb"), *list = dropped_name ? fopen(dropped_name, "w") : 0;
  if (!in) fail(names[0], strerror(errno));
  if (!out) fail(names[1], strerror(errno));
  if (dropped_name && !list) fail(dropped_name, strerror(errno));
  setvbuf(in, 0, _IOFBF, IO_BUFFER);
  setvbuf(out, 0, _IOFBF, IO_BUFFER);

  uint8_t header[FILE_HEADER];
  if (fread(header, FILE_HEADER, 1, in) != 1) fail(names[0], "shorter than a pcap header");
  uint32_t magic = u32(header);
  swapped_order = magic == 0xD4C3B2A1 || magic == 0x4D3CB2A1;
  if (!swapped_order && magic != 0xA1B2C3D4 && magic != 0xA1B23C4D) fail(names[0], "no classic pcap file");
  if (snaplen < u32(header + 16)) put_u32(header + 16, snaplen);
  fwrite(header, FILE_HEADER, 1, out);

  struct packet *current = malloc(sizeof *current), *held = malloc(sizeof *held);
  uint64_t packets = 0, drops = 0, duplicates = 0, swaps = 0;
  int holding = 0;
  for (; read_packet(in, current); packets++) {
    // Three draws for every packet: one option does not move the choices of another.
    int is_dropped = random_unit() < drop, is_doubled = random_unit() < duplicate, is_swapped = random_unit() < swap;
    if (is_dropped) {
      drops++;
      if (list) fprintf(list, "%llu\n", (unsigned long long)packets);
      continue;
    }
    if (is_swapped && !holding) {
      struct packet *free_one = held;
      held = current;
      current = free_one;
      holding = 1;
      if (is_doubled) { write_packet(out, held); duplicates++; }
      continue;
    }
    write_packet(out, current);
    if (is_doubled) { write_packet(out, current); duplicates++; }
    if (holding) { write_packet(out, held); holding = 0; swaps++; }
  }
  if (holding) write_packet(out, held);
  if (fclose(out) || (list && fclose(list))) fail("write", strerror(errno));
  printf("{\"packets\":%llu,\"dropped\":%llu,\"duplicated\":%llu,\"swapped\":%llu,\"written\":%llu}\n", (unsigned long long)packets,
         (unsigned long long)drops, (unsigned long long)duplicates, (unsigned long long)swaps, (unsigned long long)written);
  return 0;
}
