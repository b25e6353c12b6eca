package io.kubeshark.dissect.dns;

import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;

/** Resource records as text (RFC 1035 section 4.1.3): name, type, class, TTL, data in the notation of zone files. */
final class DnsRecords {
  /** Kept of one section; more are counted in the header only. */
  private static final int RECORDS_MAX = 256;
  private static final int FIXED = 10;

  private final DnsReader reader;
  private final DnsText text;
  /** Extended response code of an OPT record (RFC 6891 section 6.1.3), already shifted. */
  int extendedCode;

  DnsRecords(DnsReader reader, DnsText text) {
    this.reader = reader;
    this.text = text;
  }

  /** Writes one section into a table; {@code section} is the first cell, or null if the table has no such column. */
  void table(FieldWriter out, int count, String section) {
    for (int i = 0; i < count; i++) {
      int nameAt = reader.at;
      if (!reader.skipName() || !reader.has(FIXED)) {
        reader.bad = true;
        return;
      }
      int fixed = reader.at;
      int dataLength = reader.u16(fixed + 8);
      if (!reader.has(FIXED + dataLength)) {
        reader.bad = true;
        return;
      }
      reader.at += FIXED + dataLength;
      if (i < RECORDS_MAX) row(out, section, nameAt, fixed, dataLength);
      else text.reachLimit();
    }
  }

  private void row(FieldWriter out, String section, int nameAt, int fixed, int dataLength) {
    int type = reader.u16(fixed);
    if (section != null) text.clear().ascii(section).cell(out);
    reader.name(nameAt, reader.end, text.clear());
    text.cell(out);
    DnsNumbers.type(text.clear(), type);
    text.cell(out);
    if (type == DnsNumbers.OPT) {
      extendedCode = reader.u8(fixed + 4) << 4;
      text.clear().cell(out);
      text.clear().cell(out);
      text.clear().ascii("version ").number(reader.u8(fixed + 5)).ascii(", udp payload ").number(reader.u16(fixed + 2));
      if ((reader.u16(fixed + 6) & 0x8000) != 0) text.ascii(", do");
      if (dataLength > 0) text.ascii(", options ").hex(reader.array, fixed + FIXED, dataLength);
    } else {
      DnsNumbers.dnsClass(text.clear(), reader.u16(fixed + 2));
      text.cell(out);
      text.clear().number(reader.u32(fixed + 4)).cell(out);
      data(type, fixed + FIXED, dataLength);
    }
    text.cell(out);
    out.endRow();
  }

  /** The data of each record of the answer section, as list items. */
  void answers(FieldWriter out, FieldSpec field, int from, int count) {
    int keep = reader.at;
    reader.at = from;
    out.beginList(field);
    for (int i = 0; i < Math.min(count, RECORDS_MAX) && reader.skipName() && reader.has(FIXED); i++) {
      int fixed = reader.at;
      int dataLength = reader.u16(fixed + 8);
      if (!reader.has(FIXED + dataLength)) break;
      reader.at += FIXED + dataLength;
      data(reader.u16(fixed), fixed + FIXED, dataLength);
      text.item(out);
    }
    out.endList();
    reader.at = keep;
  }

  private void data(int type, int at, int length) {
    text.clear();
    if (!structured(type, at, length, at + length)) {
      // RFC 3597 section 5: data of unknown or broken records.
      text.clear().ascii("\\# ").number(length).ascii(' ').hex(reader.array, at, length);
    }
  }

  private boolean structured(int type, int at, int length, int limit) {
    return switch (type) {
      case DnsNumbers.A -> length == 4 && text.ipv4(reader.array, at) != null;
      case DnsNumbers.AAAA -> length == 16 && text.ipv6(reader.array, at) != null;
      case DnsNumbers.NS, DnsNumbers.CNAME, DnsNumbers.PTR, DnsNumbers.DNAME -> name(at, limit) == limit;
      case DnsNumbers.MX, DnsNumbers.AFSDB -> length > 2 && numbers(at, 1) && name(at + 2, limit) == limit;
      case DnsNumbers.SRV -> length > 6 && numbers(at, 3) && name(at + 6, limit) == limit;
      case DnsNumbers.TXT, DnsNumbers.HINFO, DnsNumbers.SPF -> strings(at, limit);
      case DnsNumbers.SOA -> soa(at, limit);
      case DnsNumbers.SVCB, DnsNumbers.HTTPS -> service(at, length, limit);
      case DnsNumbers.CAA -> authority(at, length, limit);
      case DnsNumbers.URI -> length > 4 && numbers(at, 2) && quoted(at + 4, limit);
      case DnsNumbers.NAPTR -> naptr(at, length, limit);
      default -> false;
    };
  }

  private int name(int at, int limit) {
    return reader.name(at, limit, text);
  }

  private boolean numbers(int at, int count) {
    for (int i = 0; i < count; i++) text.number(reader.u16(at + 2 * i)).ascii(' ');
    return true;
  }

  private boolean quoted(int at, int limit) {
    text.ascii('"');
    for (int i = at; i < limit; i++) {
      if (reader.u8(i) == ' ') text.ascii(' ');
      else text.escaped(reader.u8(i), '"');
    }
    text.ascii('"');
    return true;
  }

  /** Character strings (RFC 1035 section 3.3), each in quotes. */
  private boolean strings(int at, int limit) {
    for (int i = at; i < limit; ) {
      int behind = i + 1 + reader.u8(i);
      if (behind > limit) return false;
      if (i > at) text.ascii(' ');
      quoted(i + 1, behind);
      i = behind;
    }
    return true;
  }

  private boolean soa(int at, int limit) {
    int next = name(at, limit);
    if (next < 0) return false;
    text.ascii(' ');
    next = name(next, limit);
    if (next < 0 || next + 20 != limit) return false;
    for (int i = 0; i < 5; i++) text.ascii(' ').number(reader.u32(next + 4 * i));
    return true;
  }

  private boolean service(int at, int length, int limit) {
    if (length < 3) return false;
    numbers(at, 1);
    int next = name(at + 2, limit);
    if (next < 0) return false;
    while (next + 4 <= limit) {
      int valueLength = reader.u16(next + 2);
      if (next + 4 + valueLength > limit) return false;
      parameter(reader.u16(next), next + 4, valueLength);
      next += 4 + valueLength;
    }
    return next == limit;
  }

  /** A service parameter as in RFC 9460 section 14.3.2; what is not as it should be, or rare, as the key's number and hexadecimal digits. */
  private void parameter(int key, int at, int length) {
    text.ascii(' ');
    if (key == 1 && isProtocolList(at, at + length)) protocols(at, at + length);
    else if (key == 2 && length == 0) text.ascii("no-default-alpn");
    else if (key == 3 && length == 2) text.ascii("port=").number(reader.u16(at));
    else if (key == 4 && length % 4 == 0) addresses("ipv4hint=", at, length, 4);
    else if (key == 6 && length % 16 == 0) addresses("ipv6hint=", at, length, 16);
    else text.ascii("key").number(key).ascii('=').hex(reader.array, at, length);
  }

  private boolean isProtocolList(int at, int limit) {
    while (at < limit) at += 1 + reader.u8(at);
    return at == limit;
  }

  private void protocols(int at, int limit) {
    text.ascii("alpn=");
    for (int i = at; i < limit; i += 1 + reader.u8(i)) {
      if (i > at) text.ascii(',');
      for (int j = i + 1; j <= i + reader.u8(i); j++) text.escaped(reader.u8(j), ',');
    }
  }

  private void addresses(String name, int at, int length, int each) {
    text.ascii(name);
    for (int i = at; i < at + length; i += each) {
      if (i > at) text.ascii(',');
      if (each == 4) text.ipv4(reader.array, i);
      else text.ipv6(reader.array, i);
    }
  }

  private boolean authority(int at, int length, int limit) {
    if (length < 2 || at + 2 + reader.u8(at + 1) > limit) return false;
    int value = at + 2 + reader.u8(at + 1);
    text.number(reader.u8(at)).ascii(' ').bytes(reader.array, at + 2, value - at - 2).ascii(' ');
    return quoted(value, limit);
  }

  private boolean naptr(int at, int length, int limit) {
    if (length < 7) return false;
    numbers(at, 2);
    int next = at + 4;
    for (int i = 0; i < 3; i++) {
      int behind = next + 1 + (next < limit ? reader.u8(next) : 0);
      if (behind > limit) return false;
      quoted(next + 1, behind);
      text.ascii(' ');
      next = behind;
    }
    return name(next, limit) == limit;
  }
}
