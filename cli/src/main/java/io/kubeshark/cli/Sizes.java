package io.kubeshark.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes and durations as people write them, and back. */
final class Sizes {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([KMGT]?)(i?B?)", Pattern.CASE_INSENSITIVE);
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private Sizes() {}

  /** {@code 500Mi}, {@code 10G}, {@code 4096}: bytes, in powers of 1024. */
  static final class Bytes implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      Matcher matcher = SIZE.matcher(text);
      if (!matcher.matches()) throw new TypeConversionException("'" + text + "' is not a size; write for example 500Mi");
      int shift = matcher.group(2).isEmpty() ? 0 : 10 * ("KMGT".indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1);
      long number = Long.parseLong(matcher.group(1));
      if (number > Long.MAX_VALUE >> shift) throw new TypeConversionException("'" + text + "' is more than can be counted");
      return number << shift;
    }
  }

  /** {@code 10s}, {@code 5m}, {@code 0}. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (text.equals("0")) return Duration.ZERO;
      Matcher matcher = DURATION.matcher(text);
      if (!matcher.matches()) throw new TypeConversionException("'" + text + "' is not a duration; write for example 10s or 5m, 0 for no limit");
      long number = Long.parseLong(matcher.group(1));
      try {
        return switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        };
      } catch (DateTimeParseException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  static String bytes(long count) {
    if (count < 1024) return count + " B";
    double value = count;
    int unit = -1;
    while (value >= 1024 && unit < 4) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %siB", value, "KMGTP".charAt(unit));
  }

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }
}
