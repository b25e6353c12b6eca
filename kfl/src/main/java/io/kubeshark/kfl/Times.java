package io.kubeshark.kfl;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/** Timestamps and durations as nanoseconds in 64 bits: the years 1678 to 2261. */
final class Times {
  private Times() {}

  static final long NS = 1_000_000_000L;

  static Instant instant(long ns) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, NS), Math.floorMod(ns, NS));
  }

  static boolean fits(Instant instant) {
    return Math.abs(instant.getEpochSecond()) < Long.MAX_VALUE / NS - 1;
  }

  static boolean fits(Duration duration) {
    return Math.abs(duration.getSeconds()) < Long.MAX_VALUE / NS - 1;
  }

  static long ns(Instant instant) {
    return instant.getEpochSecond() * NS + instant.getNano();
  }

  static long ns(Instant instant, Evaluation e) {
    if (fits(instant)) return ns(instant);
    e.failed = true;
    return 0;
  }

  static long ns(Duration duration, Evaluation e) {
    if (fits(duration)) return duration.toNanos();
    e.failed = true;
    return 0;
  }

  /** RFC 3339, or null. */
  static Instant timestamp(String text) {
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return fits(instant) ? instant : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** As Go writes them: {@code 1h30m}, {@code -1.5s}, {@code 250ms}; or null. */
  static Duration duration(String text) {
    boolean negative = text.startsWith("-");
    int at = negative || text.startsWith("+") ? 1 : 0;
    if (text.equals("0") || text.substring(at).equals("0")) return Duration.ZERO;
    if (at == text.length()) return null;
    double totalNs = 0;
    long exactNs = 0;
    while (at < text.length()) {
      int start = at;
      while (at < text.length() && (Character.digit(text.charAt(at), 10) >= 0 || text.charAt(at) == '.')) at++;
      int unitStart = at;
      while (at < text.length() && (Character.isLetter(text.charAt(at)))) at++;
      long unitNs = switch (text.substring(unitStart, at)) {
        case "h" -> 3600 * NS;
        case "m" -> 60 * NS;
        case "s" -> NS;
        case "ms" -> 1_000_000;
        case "us", "\u00b5s", "\u03bcs" -> 1000;
        case "ns" -> 1;
        default -> 0;
      };
      try {
        if (unitNs == 0) return null;
        java.math.BigDecimal part = new java.math.BigDecimal(text.substring(start, unitStart)).multiply(java.math.BigDecimal.valueOf(unitNs));
        totalNs += part.doubleValue();
        if (totalNs > 9e18) return null;
        exactNs += part.longValue();
      } catch (NumberFormatException e) {
        return null;
      }
    }
    return Duration.ofNanos(negative ? -exactNs : exactNs);
  }

  /** As CEL writes a duration: seconds with as many digits as needed. */
  static String text(Duration duration) {
    return new java.math.BigDecimal(java.math.BigInteger.valueOf(duration.toNanos()), 9).stripTrailingZeros().toPlainString() + "s";
  }

  /** One field of a timestamp, in UTC. CEL counts months, days of the year and days of the month ({@code getDayOfMonth}) from 0. */
  static long field(String name, long ns) {
    ZonedDateTime time = instant(ns).atZone(ZoneOffset.UTC);
    return switch (name) {
      case "getFullYear" -> time.getYear();
      case "getMonth" -> time.getMonthValue() - 1;
      case "getDate" -> time.getDayOfMonth();
      case "getDayOfMonth" -> time.getDayOfMonth() - 1;
      case "getDayOfYear" -> time.getDayOfYear() - 1;
      case "getDayOfWeek" -> time.getDayOfWeek().getValue() % 7;
      case "getHours" -> time.getHour();
      case "getMinutes" -> time.getMinute();
      case "getSeconds" -> time.getSecond();
      default -> time.getNano() / 1_000_000;
    };
  }

  /** A duration in whole units; milliseconds are those within the second. */
  static long part(String name, long ns) {
    return switch (name) {
      case "getHours" -> ns / (3600 * NS);
      case "getMinutes" -> ns / (60 * NS);
      case "getSeconds" -> ns / NS;
      default -> ns % NS / 1_000_000;
    };
  }
}
