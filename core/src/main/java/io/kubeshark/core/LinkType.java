package io.kubeshark.core;

/** Link types, numbered as in pcap files (LINKTYPE_ values of tcpdump.org/linktypes.html). */
public final class LinkType {
  private LinkType() {}

  /** BSD loopback: 4 bytes of address family in the byte order of the machine that captured. */
  public static final int NULL = 0;
  public static final int ETHERNET = 1;
  /** Raw IP as some systems number it (12, 14) and as the registry does (101). */
  public static final int RAW_BSD = 12;
  public static final int RAW_OPENBSD = 14;
  public static final int RAW = 101;
  /** OpenBSD loopback: 4 bytes of address family, network byte order. */
  public static final int LOOP = 108;
  public static final int LINUX_SLL = 113;
  public static final int IPV4 = 228;
  public static final int IPV6 = 229;
  public static final int LINUX_SLL2 = 276;

  public static boolean supported(int linkType) {
    return switch (linkType) {
      case NULL, ETHERNET, RAW_BSD, RAW_OPENBSD, RAW, LOOP, LINUX_SLL, IPV4, IPV6, LINUX_SLL2 -> true;
      default -> false;
    };
  }
}
