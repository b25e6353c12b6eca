package io.kubeshark.render;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON (RFC 8259) into a byte array that grows. Commas come by themselves. Strings may be raw bytes off the wire: what is not UTF-8
 * becomes U+FFFD, so the output always is. Reused: {@link #clear} keeps the array. Not thread-safe.
 */
public final class JsonWriter {
  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  /** 00 01 … 99. */
  private static final byte[] PAIRS = new byte[200];

  static {
    for (int i = 0; i < 100; i++) {
      PAIRS[2 * i] = (byte) ('0' + i / 10);
      PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
    }
  }

  /** For each ASCII byte: 0: as it is; 'u': by number; else the letter behind the backslash. */
  private static final byte[] ESCAPES = new byte[128];

  static {
    Arrays.fill(ESCAPES, 0, 0x20, (byte) 'u');
    for (int i = 0; i < 7; i++) ESCAPES["\"\\\n\r\t\b\f".charAt(i)] = (byte) "\"\\nrtbf".charAt(i);
  }

  private static final byte[] BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};
  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

  private byte[] array;
  private int length;
  /** The next value or key is not the first of its object or array. */
  private boolean comma;

  public JsonWriter() {
    this(4096);
  }

  public JsonWriter(int initialBytes) {
    array = new byte[initialBytes];
  }

  public void clear() {
    length = 0;
    comma = false;
  }

  /** Gives back an array that one large value made grow. */
  public void shrink(int capacityMax) {
    if (array.length > capacityMax && length <= capacityMax) array = Arrays.copyOf(array, capacityMax);
  }

  public byte[] array() {
    return array;
  }

  public int length() {
    return length;
  }

  /** Takes back what was written after {@code length}, which must have been a place where a value could begin or had ended. */
  public void truncate(int length, boolean afterValue) {
    this.length = length;
    comma = afterValue;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(array, length);
  }

  public void writeTo(OutputStream out) throws IOException {
    out.write(array, 0, length);
  }

  @Override
  public String toString() {
    return new String(array, 0, length, StandardCharsets.UTF_8);
  }

  // Structure

  public JsonWriter beginObject() {
    begin((byte) '{');
    return this;
  }

  public JsonWriter endObject() {
    end((byte) '}');
    return this;
  }

  public JsonWriter beginArray() {
    begin((byte) '[');
    return this;
  }

  public JsonWriter endArray() {
    end((byte) ']');
    return this;
  }

  /** Ends a document of JSON lines. */
  public void newLine() {
    ensure(1);
    array[length++] = '\n';
    comma = false;
  }

  /** The bytes of {@code "name":}, to be made once and written often. */
  public static byte[] encodeKey(String name) {
    JsonWriter writer = new JsonWriter(name.length() + 8);
    writer.key(name);
    return writer.toByteArray();
  }

  public JsonWriter key(byte[] encoded) {
    ensure(encoded.length + 1);
    if (comma) array[length++] = ',';
    System.arraycopy(encoded, 0, array, length, encoded.length);
    length += encoded.length;
    comma = false;
    return this;
  }

  public JsonWriter key(String name) {
    string(name);
    colon();
    return this;
  }

  public JsonWriter key(byte[] source, int offset, int byteCount) {
    string(source, offset, byteCount);
    colon();
    return this;
  }

  private void colon() {
    ensure(1);
    array[length++] = ':';
    comma = false;
  }

  // Values

  /** A finished JSON value, written as it is. */
  public JsonWriter raw(byte[] json) {
    return raw(json, 0, json.length);
  }

  public JsonWriter raw(byte[] json, int offset, int byteCount) {
    ensure(byteCount + 1);
    if (comma) array[length++] = ',';
    System.arraycopy(json, offset, array, length, byteCount);
    length += byteCount;
    comma = true;
    return this;
  }

  public JsonWriter nullValue() {
    return raw(NULL);
  }

  public JsonWriter bool(boolean value) {
    return raw(value ? TRUE : FALSE);
  }

  public JsonWriter number(long value) {
    begin();
    digits(value);
    return this;
  }

  /** The number in quotes, for readers whose numbers are doubles. */
  public JsonWriter numberText(long value) {
    beginText();
    digits(value);
    endText();
    return this;
  }

  /** {@code value / 1000} exactly, with three decimals unless they are zero. */
  public JsonWriter thousandths(long value) {
    begin();
    ensure(24);
    if (value < 0) {
      array[length++] = '-';
      value = -value;
    }
    digits(value / 1000);
    int fraction = (int) (value % 1000);
    if (fraction == 0) return this;
    ensure(4);
    array[length] = '.';
    array[length + 1] = (byte) ('0' + fraction / 100);
    array[length + 2] = (byte) ('0' + fraction / 10 % 10);
    array[length + 3] = (byte) ('0' + fraction % 10);
    length += 4;
    return this;
  }

  public JsonWriter number(double value) {
    if (!Double.isFinite(value)) return nullValue();
    begin();
    append(Double.toString(value).getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  public JsonWriter string(String value) {
    if (value == null) return nullValue();
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8); // a lone surrogate becomes '?'
    return string(bytes, 0, bytes.length);
  }

  public JsonWriter string(byte[] source, int offset, int byteCount) {
    ensure(byteCount + STRING_SLACK);
    byte[] target = array;
    int at = length;
    if (comma) target[at++] = ',';
    comma = true;
    target[at++] = '"';
    int copied = copyPlain(source, offset, byteCount, target, at);
    length = at + copied;
    if (copied < byteCount) text(source, offset + copied, byteCount - copied);
    endText();
    return this;
  }

  /** {@code "key":"value"}. @param key of {@link #encodeKey} */
  void member(byte[] key, byte[] source, int offset, int byteCount) {
    ensure(key.length + byteCount + STRING_SLACK);
    byte[] target = array;
    int at = length;
    if (comma) target[at++] = ',';
    comma = true;
    System.arraycopy(key, 0, target, at, key.length);
    at += key.length;
    target[at++] = '"';
    int copied = copyPlain(source, offset, byteCount, target, at);
    target[at + copied] = '"';
    length = at + copied + 1;
    if (copied < byteCount) {
      length--;
      text(source, offset + copied, byteCount - copied);
      endText();
    }
  }

  /** {@code "key":number}. @param key of {@link #encodeKey} */
  void member(byte[] key, long number) {
    key(key);
    digits(number);
    comma = true;
  }

  /** Separator, two quotes, and the word that the last store may reach over the end. */
  private static final int STRING_SLACK = 3 + 8;

  /**
   * Copies bytes that need no escape, a word at a time, up to the word with the first one that does. Most strings off the wire are short
   * and plain: for them this is all there is. Up to 7 bytes after the copied ones may be overwritten.
   */
  private static int copyPlain(byte[] source, int offset, int byteCount, byte[] target, int at) {
    int i = 0;
    for (; i + 8 <= byteCount; i += 8) {
      long x = (long) LE64.get(source, offset + i);
      if (special(x) != 0) return i;
      LE64.set(target, at + i, x);
    }
    int rest = byteCount - i;
    if (rest == 0 || offset + i + 8 > source.length) return i;
    long x = (long) LE64.get(source, offset + i);
    if ((special(x) & (1L << 8 * rest) - 1) != 0) return i;
    LE64.set(target, at + i, x);
    return byteCount;
  }

  /**
   * {@code "name":"value"} pairs, with commas between them, of a MAP ({@link io.kubeshark.core.FieldWriter}), all in one loop.
   *
   * @param item the first name's length word; {@code byteCount} bytes of lengths, names and values follow
   * @return false if one needs an escape: then nothing is written
   */
  boolean plainPairs(byte[] source, int item, int byteCount) {
    ensure(byteCount + STRING_SLACK); // quotes and separators need less than the length words
    byte[] target = array;
    int at = length;
    int end = item + byteCount;
    byte separator = ':';
    if (comma && byteCount > 0) target[at++] = ',';
    while (item < end) {
      int count = (int) LE32.get(source, item);
      target[at] = '"';
      if (copyPlain(source, item + 4, count, target, at + 1) < count) return false;
      at += count + 1;
      target[at] = '"';
      target[at + 1] = separator;
      at += 2;
      separator ^= ':' ^ ',';
      item += 4 + count;
    }
    if (byteCount > 0) at--;
    length = at;
    comma = true;
    return true;
  }

  /**
   * The high bit of each byte that is below 0x20, '"', '\\' or at least 0x80. A borrow may set bits above the lowest true one, never
   * below it.
   */
  private static long special(long x) {
    long quote = x ^ 0x2222222222222222L;
    long backslash = x ^ 0x5c5c5c5c5c5c5c5cL;
    return (x - 0x2020202020202020L | quote - 0x0101010101010101L | backslash - 0x0101010101010101L | x) & 0x8080808080808080L;
  }

  public JsonWriter base64(byte[] source, int offset, int byteCount) {
    beginText();
    ensure((byteCount + 2) / 3 * 4);
    int at = offset;
    int end = offset + byteCount - byteCount % 3;
    for (; at < end; at += 3) {
      int bits = (source[at] & 0xff) << 16 | (source[at + 1] & 0xff) << 8 | source[at + 2] & 0xff;
      quad(bits, 4);
    }
    if (byteCount % 3 == 1) quad((source[at] & 0xff) << 16, 2);
    if (byteCount % 3 == 2) quad((source[at] & 0xff) << 16 | (source[at + 1] & 0xff) << 8, 3);
    endText();
    return this;
  }

  private void quad(int bits, int characters) {
    for (int i = 0; i < 4; i++) array[length++] = i < characters ? BASE64[bits >>> 18 - 6 * i & 63] : (byte) '=';
  }

  /** Two hex digits a byte. */
  public JsonWriter hex(byte[] source, int offset, int byteCount) {
    beginText();
    ensure(2 * byteCount);
    for (int i = offset; i < offset + byteCount; i++) {
      array[length++] = HEX[source[i] >>> 4 & 15];
      array[length++] = HEX[source[i] & 15];
    }
    endText();
    return this;
  }

  // A string made of pieces: beginText, any of text, digits, ip; endText

  public void beginText() {
    begin();
    ensure(1);
    array[length++] = '"';
  }

  public void endText() {
    ensure(1);
    array[length++] = '"';
  }

  /** ASCII that needs no escapes, or JSON as it is. */
  public void append(byte[] ascii) {
    ensure(ascii.length);
    System.arraycopy(ascii, 0, array, length, ascii.length);
    length += ascii.length;
  }

  public void append(char ascii) {
    ensure(1);
    array[length++] = (byte) ascii;
  }

  /** Decimal digits, without separator. */
  public void digits(long value) {
    ensure(20);
    if (value < 0) {
      array[length++] = '-';
      if (value == Long.MIN_VALUE) {
        append("9223372036854775808".getBytes(StandardCharsets.US_ASCII));
        return;
      }
      value = -value;
    }
    length = decimal(array, length, value);
  }

  /** From the left, four digits at a time, so that they need not be counted first. @return index after the last digit */
  private static int decimal(byte[] target, int at, long value) {
    if (value >= 100_000_000) {
      long high = value / 100_000_000;
      int low = (int) (value - high * 100_000_000);
      at = decimal(target, at, high);
      fourDigits(target, at, low / 10_000);
      fourDigits(target, at + 4, low % 10_000);
      return at + 8;
    }
    int number = (int) value;
    if (number < 10_000) return upToFourDigits(target, at, number);
    at = upToFourDigits(target, at, number / 10_000);
    fourDigits(target, at, number % 10_000);
    return at + 4;
  }

  private static int upToFourDigits(byte[] target, int at, int value) {
    if (value < 100) return upToTwoDigits(target, at, value);
    at = upToTwoDigits(target, at, value / 100);
    pair(target, at, value % 100);
    return at + 2;
  }

  private static int upToTwoDigits(byte[] target, int at, int value) {
    if (value < 10) {
      target[at] = (byte) ('0' + value);
      return at + 1;
    }
    pair(target, at, value);
    return at + 2;
  }

  private static void fourDigits(byte[] target, int at, int value) {
    pair(target, at, value / 100);
    pair(target, at + 2, value % 100);
  }

  private static void pair(byte[] target, int at, int value) {
    target[at] = PAIRS[2 * value];
    target[at + 1] = PAIRS[2 * value + 1];
  }

  /**
   * A moment as two values with a key between them: milliseconds with microseconds as fraction (as {@link #thousandths}), {@code between},
   * nanoseconds. The same digits serve both.
   */
  void moment(long epochNs, byte[] between) {
    ensure(48 + between.length);
    int from = length;
    digits(epochNs);
    int count = length - from;
    if (epochNs < 0 || count <= 6) { // 1 January 1970, and before it
      length = from;
      comma = false;
      thousandths(epochNs / 1000);
      append(between);
      digits(epochNs);
      return;
    }
    byte[] target = array;
    int point = from + count - 6;
    boolean whole = target[point] == '0' && target[point + 1] == '0' && target[point + 2] == '0';
    int next = whole ? point : point + 4;
    int again = next + between.length;
    System.arraycopy(target, from, target, again, count);
    System.arraycopy(between, 0, target, next, between.length);
    if (!whole) {
      System.arraycopy(target, again + count - 6, target, point + 1, 3);
      target[point] = '.';
    }
    length = again + count;
  }

  /** An address of 16 bytes ({@link io.kubeshark.core.IpAddress}). */
  public void ip(byte[] source, int offset) {
    ensure(IpText.LENGTH_MAX);
    length = IpText.write(source, offset, array, length);
  }

  /** Bytes that should be UTF-8, escaped. */
  public void text(byte[] source, int offset, int byteCount) {
    int end = offset + byteCount;
    for (int at = offset; at < end; ) at = piece(source, at, Math.min(end, at + PIECE_BYTES), end);
  }

  /** A long text is written in pieces, so that room for the worst case is reserved for a piece only. */
  private static final int PIECE_BYTES = 1024;
  /** {@code \\u0000} for one byte is the longest. */
  private static final int ESCAPE_LENGTH_MAX = 6;

  /**
   * Writes [from, to), and the rest of a sequence that reaches over {@code to}. Words are stored whole and counted up to their first
   * special byte: what a store wrote too much is overwritten by the next.
   *
   * @return where the next piece begins
   */
  private int piece(byte[] source, int from, int to, int end) {
    ensure((to - from) * ESCAPE_LENGTH_MAX + 8);
    byte[] target = array;
    int at = length;
    int i = from;
    while (i < to) {
      if (i + 8 <= source.length) {
        long x = (long) LE64.get(source, i);
        LE64.set(target, at, x);
        long special = special(x);
        int plain = Math.min(special == 0 ? 8 : Long.numberOfTrailingZeros(special) >>> 3, to - i);
        i += plain;
        at += plain;
        if (special == 0 || i == to) continue;
      }
      byte b = source[i];
      if (b >= 0) {
        i++;
        byte escape = ESCAPES[b];
        if (escape == 0) {
          target[at++] = b;
          continue;
        }
        target[at++] = '\\';
        target[at++] = escape;
        if (escape == 'u') {
          target[at] = target[at + 1] = '0';
          target[at + 2] = HEX[b >>> 4];
          target[at + 3] = HEX[b & 15];
          at += 4;
        }
        continue;
      }
      int sequence = Utf8.sequenceLength(source, i, end);
      if (sequence > 0) {
        for (int k = 0; k < sequence; k++) target[at++] = source[i++];
      } else {
        target[at] = (byte) 0xef; // U+FFFD
        target[at + 1] = (byte) 0xbf;
        target[at + 2] = (byte) 0xbd;
        at += 3;
        i -= sequence;
      }
    }
    length = at;
    return i;
  }

  /** After {@link #append} of bytes that end in the middle of an object: whether what comes next needs a comma. */
  void afterValue(boolean value) {
    comma = value;
  }

  private void begin(byte bracket) {
    begin();
    ensure(1);
    array[length++] = bracket;
    comma = false;
  }

  private void end(byte bracket) {
    ensure(1);
    array[length++] = bracket;
    comma = true;
  }

  private void begin() {
    if (comma) {
      ensure(1);
      array[length++] = ',';
    }
    comma = true;
  }

  private void ensure(int extra) {
    if (array.length - length < extra) grow(extra);
  }

  private void grow(int extra) {
    long needed = (long) length + extra;
    if (needed > ARRAY_BYTES_MAX) throw new OutOfMemoryError("JSON document over " + ARRAY_BYTES_MAX + " bytes");
    array = Arrays.copyOf(array, (int) Math.min(ARRAY_BYTES_MAX, Math.max(needed, array.length * 2L)));
  }
}
