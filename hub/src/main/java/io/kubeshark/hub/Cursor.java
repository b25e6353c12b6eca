package io.kubeshark.hub;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a page of entries ends: a sequence number for each source, since each counts its own. As text it is opaque, and may stand in a URL:
 * base64 of a version byte and, for each source, 8 bytes of hash (its name and its store's instance) and the number (LEB128). One source
 * alone may be bounded by the bare number, as the rows have it.
 */
final class Cursor {
  /** As a source's number: it was not there when the page was made, or its store is another one now. */
  static final long ABSENT = -1;
  static final Cursor NONE = new Cursor(Map.of(), 0);

  private static final byte VERSION = 1;
  /** A cluster of {@link Workers#WORKERS_MAX} fits. */
  private static final int TEXT_LENGTH_MAX = 64 << 10;

  private final Map<Long, Long> numbers;
  private final long single;

  private Cursor(Map<Long, Long> numbers, long single) {
    this.numbers = numbers;
    this.single = single;
  }

  /** @param text "" or null: {@link #NONE} */
  static Cursor parse(String name, String text) throws ApiError {
    if (text == null || text.isEmpty()) return NONE;
    try {
      if (text.length() < 19 && text.chars().allMatch(c -> c >= '0' && c <= '9')) return new Cursor(Map.of(), Long.parseLong(text));
      if (text.length() > TEXT_LENGTH_MAX) throw new IllegalArgumentException();
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
      if (bytes.get() != VERSION) throw new IllegalArgumentException();
      Map<Long, Long> numbers = new HashMap<>();
      while (bytes.hasRemaining()) numbers.put(bytes.getLong(), number(bytes));
      return new Cursor(numbers, 0);
    } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
      throw ApiError.badRequest(name + "=" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + ": the number of a row, or what an earlier answer gave as \"older\" or \"newer\"");
    }
  }

  private static long number(ByteBuffer bytes) {
    long number = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      byte next = bytes.get();
      number |= (long) (next & 0x7f) << shift;
      if (next >= 0) return number;
    }
    throw new IllegalArgumentException();
  }

  /** Whether it is a bare number, which says nothing where there are several sources. */
  boolean isSingle() {
    return single > 0;
  }

  /** The source's number, 0 where this is {@link #NONE}, or {@link #ABSENT}. */
  long of(Source source) {
    if (single > 0) return single;
    return this == NONE ? 0 : numbers.getOrDefault(key(source), ABSENT);
  }

  static String text(Map<Source, Long> numbers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1 + 12 * numbers.size());
    out.write(VERSION);
    numbers.forEach((source, number) -> {
      out.writeBytes(ByteBuffer.allocate(8).putLong(key(source)).array());
      long left = number;
      for (; left > 0x7f; left >>>= 7) out.write((int) (left & 0x7f | 0x80));
      out.write((int) left);
    });
    return Base64.getUrlEncoder().withoutPadding().encodeToString(out.toByteArray());
  }

  /** FNV-1a, 64 bits. */
  private static long key(Source source) {
    long instance = source.view() == null ? 0 : source.view().hello().getInstance();
    long hash = 0xcbf29ce484222325L ^ instance;
    for (byte b : source.name().getBytes(StandardCharsets.UTF_8)) hash = (hash ^ b & 0xff) * 0x100000001b3L;
    return hash;
  }
}
