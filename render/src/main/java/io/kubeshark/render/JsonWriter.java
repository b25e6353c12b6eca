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
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
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
    beginText();
    text(source, offset, byteCount);
    endText();
    return this;
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
    int count = digitCount(value);
    int at = length + count;
    length = at;
    while (value > Integer.MAX_VALUE) {
      array[--at] = (byte) ('0' + value % 10);
      value /= 10;
    }
    int rest = (int) value;
    do {
      array[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
  }

  private static int digitCount(long value) {
    int count = 1;
    for (long limit = 10; count < 19 && value >= limit; limit *= 10) count++;
    return count;
  }

  /** An address of 16 bytes ({@link io.kubeshark.core.IpAddress}). */
  public void ip(byte[] source, int offset) {
    ensure(IpText.LENGTH_MAX);
    length = IpText.write(source, offset, array, length);
  }

  /** Bytes that should be UTF-8, escaped. */
  public void text(byte[] source, int offset, int byteCount) {
    int at = offset;
    int end = offset + byteCount;
    while (at < end) {
      int plain = plainLength(source, at, end);
      if (plain > 0) {
        ensure(plain);
        System.arraycopy(source, at, array, length, plain);
        length += plain;
        at += plain;
        if (at == end) return;
      }
      int sequence = Utf8.sequenceLength(source, at, end);
      if (sequence == 1) {
        escape(source[at]);
      } else if (sequence > 1) {
        ensure(sequence);
        System.arraycopy(source, at, array, length, sequence);
        length += sequence;
      } else {
        replacement();
        sequence = -sequence;
      }
      at += sequence;
    }
  }

  /** Bytes from {@code at} that are ASCII and need no escape. Eight at a time. */
  private static int plainLength(byte[] source, int at, int end) {
    int i = at;
    for (; i + 8 <= end; i += 8) {
      long x = (long) LE64.get(source, i);
      long quote = x ^ 0x2222222222222222L;
      long backslash = x ^ 0x5c5c5c5c5c5c5c5cL;
      // The high bit of each byte that is < 0x20, '"', '\\' or ≥ 0x80. A borrow may set bits above the lowest hit, never below it.
      long special = (x - 0x2020202020202020L | quote - 0x0101010101010101L | backslash - 0x0101010101010101L | x) & 0x8080808080808080L;
      if (special != 0) return i - at + (Long.numberOfTrailingZeros(special) >>> 3);
    }
    for (; i < end; i++) {
      byte b = source[i];
      if (b < 0x20 || b == '"' || b == '\\') break;
    }
    return i - at;
  }

  private void escape(byte b) {
    ensure(6);
    array[length++] = '\\';
    switch (b) {
      case '"', '\\' -> array[length++] = b;
      case '\n' -> array[length++] = 'n';
      case '\r' -> array[length++] = 'r';
      case '\t' -> array[length++] = 't';
      case '\b' -> array[length++] = 'b';
      case '\f' -> array[length++] = 'f';
      default -> {
        array[length++] = 'u';
        array[length++] = '0';
        array[length++] = '0';
        array[length++] = HEX[b >>> 4 & 15];
        array[length++] = HEX[b & 15];
      }
    }
  }

  private void replacement() {
    ensure(3);
    array[length++] = (byte) 0xef;
    array[length++] = (byte) 0xbf;
    array[length++] = (byte) 0xbd;
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
