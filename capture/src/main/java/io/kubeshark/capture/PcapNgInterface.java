package io.kubeshark.capture;

/** What an interface description block says that matters for its packets. */
final class PcapNgInterface {
  private static final int DEFAULT_RESOLUTION = 6;
  private static final int POWER_OF_TWO = 0x80;
  private static final long NS_PER_SECOND = 1_000_000_000L;
  private static final int DECIMALS_NS = 9;
  /** 10^18 is the largest power of ten in a long. */
  private static final int DECIMALS_MAX = 18;

  final Delivery.Link link;
  /** Limit of what was captured of each packet, 0: none. */
  final int snapLength;
  /** Drops that were handed on, so that cumulative statistics do not count them twice. */
  long lossesReported;
  private final int binaryDigits;
  private final long multiplier;
  private final long divisor;
  private final long offsetNs;

  /**
   * @param resolution the option if_tsresol: -log10 of a unit in seconds, or -log2 with bit 7 set; -1: not given
   * @param offsetSeconds the option if_tsoffset
   */
  PcapNgInterface(Delivery.Link link, int snapLength, int resolution, long offsetSeconds) {
    this.link = link;
    this.snapLength = snapLength;
    this.offsetNs = offsetSeconds * NS_PER_SECOND;
    int unit = resolution < 0 ? DEFAULT_RESOLUTION : resolution;
    boolean binary = (unit & POWER_OF_TWO) != 0;
    this.binaryDigits = binary ? unit & ~POWER_OF_TWO : -1;
    int finer = unit - DECIMALS_NS;
    this.multiplier = binary || finer > 0 ? 1 : powerOfTen(-finer);
    // Units finer than 10^-27 s: any 64-bit count of them is less than a nanosecond's 1/8 million.
    this.divisor = binary || finer <= 0 ? 1 : finer > DECIMALS_MAX ? 0 : powerOfTen(finer);
  }

  private static long powerOfTen(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) power *= 10;
    return power;
  }

  /** Epoch nanoseconds of a 64-bit count of units; wraps outside the years 1677 to 2262. */
  long timeNs(long units) {
    if (binaryDigits >= 0) return binaryNs(units) + offsetNs;
    if (divisor == 1) return units * multiplier + offsetNs;
    return (divisor == 0 ? 0 : Long.divideUnsigned(units, divisor)) + offsetNs;
  }

  private long binaryNs(long units) {
    if (binaryDigits >= 64 + 30) return 0;
    long seconds = binaryDigits >= 64 ? 0 : units >>> binaryDigits;
    long fraction = binaryDigits >= 64 ? units : units - (seconds << binaryDigits);
    // fraction * 10^9 >> binaryDigits in 128 bits.
    long high = Math.unsignedMultiplyHigh(fraction, NS_PER_SECOND);
    long low = fraction * NS_PER_SECOND;
    long ns = binaryDigits == 0 ? low
        : binaryDigits < 64 ? high << (64 - binaryDigits) | low >>> binaryDigits
        : high >>> (binaryDigits - 64);
    return seconds * NS_PER_SECOND + ns;
  }
}
