package io.kubeshark.dissect.dns;

import java.nio.charset.StandardCharsets;

/** Registered numbers' names (IANA, Domain Name System Parameters), as ASCII. */
final class DnsNumbers {
  private DnsNumbers() {}

  static final int A = 1;
  static final int NS = 2;
  static final int CNAME = 5;
  static final int SOA = 6;
  static final int PTR = 12;
  static final int HINFO = 13;
  static final int MX = 15;
  static final int TXT = 16;
  static final int AFSDB = 18;
  static final int AAAA = 28;
  static final int SRV = 33;
  static final int NAPTR = 35;
  static final int DNAME = 39;
  static final int OPT = 41;
  static final int SVCB = 64;
  static final int HTTPS = 65;
  static final int SPF = 99;
  static final int URI = 256;
  static final int CAA = 257;

  private static final byte[][] TYPES = new byte[258][];
  private static final byte[][] OPCODES = names("QUERY", "IQUERY", "STATUS", null, "NOTIFY", "UPDATE", "DSO");
  private static final byte[][] CODES = names("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
      "NOTAUTH", "NOTZONE", "DSOTYPENI", null, null, null, null, "BADVERS", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE");

  static {
    String[] known = {"1 A", "2 NS", "5 CNAME", "6 SOA", "10 NULL", "11 WKS", "12 PTR", "13 HINFO", "15 MX", "16 TXT", "17 RP", "18 AFSDB", "24 SIG",
        "25 KEY", "28 AAAA", "29 LOC", "33 SRV", "35 NAPTR", "37 CERT", "39 DNAME", "41 OPT", "43 DS", "44 SSHFP", "45 IPSECKEY", "46 RRSIG",
        "47 NSEC", "48 DNSKEY", "50 NSEC3", "51 NSEC3PARAM", "52 TLSA", "53 SMIMEA", "59 CDS", "60 CDNSKEY", "61 OPENPGPKEY", "62 CSYNC",
        "63 ZONEMD", "64 SVCB", "65 HTTPS", "99 SPF", "249 TKEY", "250 TSIG", "251 IXFR", "252 AXFR", "255 ANY", "256 URI", "257 CAA"};
    for (String entry : known) {
      int space = entry.indexOf(' ');
      TYPES[Integer.parseInt(entry.substring(0, space))] = entry.substring(space + 1).getBytes(StandardCharsets.US_ASCII);
    }
  }

  private static byte[][] names(String... names) {
    byte[][] bytes = new byte[names.length][];
    for (int i = 0; i < names.length; i++) if (names[i] != null) bytes[i] = names[i].getBytes(StandardCharsets.US_ASCII);
    return bytes;
  }

  static boolean opcodeKnown(int opcode) {
    return opcode < OPCODES.length && OPCODES[opcode] != null;
  }

  static void type(DnsText out, int type) {
    numbered(out, TYPES, type, "TYPE");
  }

  static void opcode(DnsText out, int opcode) {
    numbered(out, OPCODES, opcode, "OPCODE");
  }

  static void code(DnsText out, int code) {
    numbered(out, CODES, code, "RCODE");
  }

  /** The top bit of a class means something else in multicast DNS (RFC 6762 section 18.12). */
  static void dnsClass(DnsText out, int value) {
    switch (value & 0x7fff) {
      case 1 -> out.ascii("IN");
      case 3 -> out.ascii("CH");
      case 4 -> out.ascii("HS");
      case 254 -> out.ascii("NONE");
      case 255 -> out.ascii("ANY");
      default -> out.ascii("CLASS").number(value);
    }
  }

  private static void numbered(DnsText out, byte[][] names, int value, String prefix) {
    if (value < names.length && names[value] != null) out.bytes(names[value], 0, names[value].length);
    else out.ascii(prefix).number(value);
  }
}
