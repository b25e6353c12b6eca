package io.kubeshark.dissect.dns;

/**
 * Reads one DNS message in place. Never reads outside [start, end); what is wrong is told by {@link #bad} and {@link #loop}.
 *
 * <pre>
 *   0 id | 2 QR opcode(4) AA TC RD RA Z AD CD rcode(4) | 4 questions | 6 answers | 8 authorities | 10 additionals | 12 …   (RFC 1035 section 4.1.1)
 * </pre>
 */
final class DnsReader {
  static final int HEADER_LENGTH = 12;
  /** RFC 1035 section 2.3.4, and 128 labels fit into 255 bytes. */
  private static final int NAME_BYTES_MAX = 255;

  byte[] array;
  int start;
  int end;
  int at;
  boolean bad;
  boolean loop;

  DnsReader wrap(byte[] bytes, int offset, int length) {
    array = bytes;
    start = offset;
    end = offset + length;
    at = offset + HEADER_LENGTH;
    bad = loop = false;
    return this;
  }

  int u8(int index) {
    return array[index] & 0xff;
  }

  int u16(int index) {
    return u8(index) << 8 | u8(index + 1);
  }

  long u32(int index) {
    return (long) u16(index) << 16 | u16(index + 2);
  }

  int flags() {
    return u16(start + 2);
  }

  int opcode() {
    return flags() >> 11 & 15;
  }

  boolean isResponse() {
    return (flags() & 0x8000) != 0;
  }

  /** Entries of section 0–3. */
  int count(int section) {
    return u16(start + 4 + 2 * section);
  }

  boolean has(int bytes) {
    return end - at >= bytes;
  }

  /**
   * Index behind the name at {@code from}, whose text is appended to {@code out} (may be null), or -1.
   *
   * <p>Pointers may only lead backwards (RFC 1035 section 4.1.4 speaks of prior occurrences), so a loop cannot be entered.
   */
  int name(int from, int limit, DnsText out) {
    int index = from;
    int behind = -1;
    int lowest = from;
    int bytes = 0;
    boolean first = true;
    while (true) {
      if (index >= limit) return -1;
      int length = u8(index);
      if (length == 0) {
        if (first && out != null) out.ascii('.');
        return behind < 0 ? index + 1 : behind;
      }
      if ((length & 0xc0) == 0xc0) {
        if (index + 2 > limit) return -1;
        if (behind < 0) behind = index + 2;
        int target = start + (u16(index) & 0x3fff);
        if (target >= lowest || target < start + HEADER_LENGTH) {
          loop = true;
          return -1;
        }
        lowest = index = target;
        limit = end;
        continue;
      }
      if (length > 63 || index + 1 + length > limit || (bytes += length + 1) > NAME_BYTES_MAX) return -1;
      if (out != null) {
        if (!first) out.ascii('.');
        for (int i = index + 1; i <= index + length; i++) out.escaped(u8(i), '.');
      }
      first = false;
      index += 1 + length;
    }
  }

  /** Skips the name at the reading position. */
  boolean skipName() {
    int next = name(at, end, null);
    if (next < 0) return false;
    at = next;
    return true;
  }

  /** FNV-1a over the question section, letters in lower case: part of the pairing key. */
  long questionHash(int from, int to) {
    long hash = 0xcbf29ce484222325L;
    for (int i = from; i < to; i++) {
      int value = u8(i);
      if (value >= 'A' && value <= 'Z') value += 32;
      hash = (hash ^ value) * 0x100000001b3L;
    }
    return hash;
  }
}
