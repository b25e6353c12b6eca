package io.kubeshark.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes a message's fields one after the other into a byte array that grows up to a limit. Reused: {@link #clear()} keeps the array.
 *
 * <pre>
 *   field := u8 id, u8 type ({@link FieldType} ordinal), u32 length of value, value
 *   INT    i64                        BOOL   u8 (0, 1)
 *   STRING bytes                      LIST   u16 count, (u32 length, bytes)*
 *   MAP    u16 count, (u32 length, name, u32 length, value)*
 *   TABLE  u16 rows, u8 columns, (u32 length, bytes)* row by row
 *   BODY   u64 wireLength, u8 flags, u16 length, mediaType, u16 length, contentEncoding, kept bytes
 * </pre>
 *
 * Little endian. A value that would pass the limit is cut or left out, and {@link #truncated()} says so; nothing throws.
 */
public final class FieldWriter {
  static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  public static final int BODY_TRUNCATED = 1;
  public static final int BODY_HOLE = 2;
  static final int FIELD_HEADER = 6;
  private static final int BODY_FIXED = 8 + 1;
  private static final int COUNT_MAX = 0xffff;

  private byte[] array;
  private final int bytesMax;
  private int length;
  private boolean truncated;
  /** Start of the open MAP, LIST, TABLE or BODY field, -1: none. */
  private int open = -1;
  private int count;
  private int rowStart;
  private boolean rowFits;
  private long bodyWireLength;
  private int bodyFlags;
  private int bodyKeptMax;
  private int bodyKept;

  public FieldWriter(int initialBytes, int bytesMax) {
    this.array = new byte[initialBytes];
    this.bytesMax = bytesMax;
  }

  public void clear() {
    length = 0;
    truncated = false;
    open = -1;
  }

  public byte[] array() {
    return array;
  }

  public int length() {
    return length;
  }

  /** Whether something was cut or left out. */
  public boolean truncated() {
    return truncated;
  }

  public int capacity() {
    return array.length;
  }

  /** Gives back an array that one large message made grow. */
  public void shrink(int capacityMax) {
    if (array.length > capacityMax && length <= capacityMax) array = java.util.Arrays.copyOf(array, capacityMax);
  }

  public void intField(FieldSpec field, long value) {
    if (!header(field, FieldType.INT, 8)) return;
    put64(array, length, value);
    length += 8;
  }

  public void boolField(FieldSpec field, boolean value) {
    if (!header(field, FieldType.BOOL, 1)) return;
    array[length++] = (byte) (value ? 1 : 0);
  }

  public void stringField(FieldSpec field, byte[] source, int offset, int count) {
    int fits = Math.min(count, Math.max(0, bytesMax - length - FIELD_HEADER));
    if (fits < count) truncated = true;
    if (!header(field, FieldType.STRING, fits)) return;
    System.arraycopy(source, offset, array, length, fits);
    length += fits;
  }

  public void stringField(FieldSpec field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    stringField(field, bytes, 0, bytes.length);
  }

  /** A prefix and two slices of one array as one string. */
  public void stringField(FieldSpec field, byte[] prefix, byte[] source, int offset, int count, int offset2, int count2) {
    if (!header(field, FieldType.STRING, prefix.length + count + count2)) return;
    System.arraycopy(prefix, 0, array, length, prefix.length);
    System.arraycopy(source, offset, array, length + prefix.length, count);
    System.arraycopy(source, offset2, array, length + prefix.length + count, count2);
    length += prefix.length + count + count2;
  }

  public void beginMap(FieldSpec field) {
    beginCounted(field, FieldType.MAP);
  }

  public void mapEntry(byte[] nameSource, int nameOffset, int nameLength, byte[] valueSource, int valueOffset, int valueLength) {
    if (open < 0) return;
    if (count == COUNT_MAX || !ensure(8 + nameLength + valueLength)) {
      truncated = true;
      return;
    }
    byte[] target = array;
    int at = length;
    put32(target, at, nameLength);
    System.arraycopy(nameSource, nameOffset, target, at + 4, nameLength);
    at += 4 + nameLength;
    put32(target, at, valueLength);
    System.arraycopy(valueSource, valueOffset, target, at + 4, valueLength);
    length = at + 4 + valueLength;
    count++;
  }

  /** Entries that are encoded already: {@code (u32 length, name, u32 length, value)*}, {@code entries} of them. All or none. */
  public void mapEntries(byte[] encoded, int offset, int byteCount, int entries) {
    if (open < 0) return;
    if (count + entries > COUNT_MAX || !ensure(byteCount)) {
      truncated = true;
      return;
    }
    System.arraycopy(encoded, offset, array, length, byteCount);
    length += byteCount;
    count += entries;
  }

  public void mapEntry(String name, byte[] valueSource, int valueOffset, int valueLength) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    mapEntry(bytes, 0, bytes.length, valueSource, valueOffset, valueLength);
  }

  public void mapEntry(String name, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    mapEntry(name, bytes, 0, bytes.length);
  }

  public void endMap() {
    endCounted();
  }

  public void beginList(FieldSpec field) {
    beginCounted(field, FieldType.LIST);
  }

  public void listItem(byte[] source, int offset, int itemLength) {
    if (open < 0) return;
    if (count == COUNT_MAX || !ensure(4 + itemLength)) {
      truncated = true;
      return;
    }
    append(source, offset, itemLength);
    count++;
  }

  public void listItem(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    listItem(bytes, 0, bytes.length);
  }

  public void endList() {
    endCounted();
  }

  /** A table whose rows are written by {@link #row}, or cell by cell by {@link #cell} and {@link #endRow}. */
  public void beginTable(FieldSpec field) {
    if (!header(field, FieldType.TABLE, 3)) {
      open = -1;
      return;
    }
    open = length - FIELD_HEADER;
    put16(array, length, 0);
    array[length + 2] = (byte) field.columns().size();
    length += 3;
    count = 0;
    rowStart = length;
    rowFits = true;
  }

  /** The next cell of the open row. */
  public void cell(byte[] source, int offset, int cellLength) {
    if (open < 0) return;
    if (!rowFits || !ensure(4 + cellLength)) {
      rowFits = false;
      return;
    }
    append(source, offset, cellLength);
  }

  /** A row that did not fit whole is taken back. */
  public void endRow() {
    if (open < 0) return;
    if (rowFits && count < COUNT_MAX) {
      count++;
    } else {
      truncated = true;
      length = rowStart;
    }
    rowStart = length;
    rowFits = true;
  }

  /** One row, its cells in column order. */
  public void row(String... cells) {
    for (String cell : cells) {
      byte[] bytes = cell.getBytes(StandardCharsets.UTF_8);
      cell(bytes, 0, bytes.length);
    }
    endRow();
  }

  public void endTable() {
    endCounted();
  }

  /** @param keptMax bytes of the body that are kept at most; all are counted */
  public void beginBody(
      FieldSpec field, byte[] media, int mediaOffset, int mediaLength, byte[] encoding, int encodingOffset, int encodingLength, int keptMax) {
    mediaLength = Math.min(mediaLength, 255);
    encodingLength = Math.min(encodingLength, 255);
    int fixed = BODY_FIXED + 4 + mediaLength + encodingLength;
    if (!header(field, FieldType.BODY, fixed)) {
      open = -1;
      return;
    }
    open = length - FIELD_HEADER;
    length += BODY_FIXED;
    put16(array, length, mediaLength);
    System.arraycopy(media, mediaOffset, array, length + 2, mediaLength);
    length += 2 + mediaLength;
    put16(array, length, encodingLength);
    System.arraycopy(encoding, encodingOffset, array, length + 2, encodingLength);
    length += 2 + encodingLength;
    bodyWireLength = 0;
    bodyFlags = 0;
    bodyKept = 0;
    bodyKeptMax = keptMax;
  }

  public void body(byte[] source, int offset, int byteCount) {
    bodyWireLength += byteCount;
    if (open < 0) return;
    int keep = Math.min(byteCount, bodyKeptMax - bodyKept);
    keep = Math.max(0, Math.min(keep, bytesMax - length));
    if (keep < byteCount) {
      bodyFlags |= BODY_TRUNCATED;
      truncated = true;
    }
    if (keep == 0 || !ensure(keep)) return;
    System.arraycopy(source, offset, array, length, keep);
    length += keep;
    bodyKept += keep;
  }

  /** Bytes of the body that were never captured; what follows them is not kept, as it would be shown in the wrong place. */
  public void bodyHole(long byteCount) {
    bodyWireLength += byteCount;
    bodyFlags |= BODY_HOLE | BODY_TRUNCATED;
    bodyKeptMax = bodyKept;
    truncated = true;
  }

  /** Bytes of the body that were captured, but are not kept. */
  public void bodyCut(long byteCount) {
    bodyWireLength += byteCount;
    bodyFlags |= BODY_TRUNCATED;
    bodyKeptMax = bodyKept;
    truncated = true;
  }

  /** Of the open body, if there is one, the bytes from here on are only counted. */
  public void keepNoMoreBody() {
    bodyKeptMax = bodyKept;
  }

  /** The open body turns out not to be one: as if it had not begun. */
  public void dropBody() {
    if (open < 0) return;
    length = open;
    open = -1;
  }

  public void endBody() {
    if (open < 0) return;
    writeBodyHeader();
    open = -1;
  }

  private void writeBodyHeader() {
    put64(array, open + FIELD_HEADER, bodyWireLength);
    array[open + FIELD_HEADER + 8] = (byte) bodyFlags;
    put32(array, open + 2, length - open - FIELD_HEADER);
  }

  /** As {@link #length()}; but of a field that is still written, a body counts as it is so far, another not at all. */
  int readableLength() {
    if (open < 0) return length;
    if (array[open + 1] != FieldType.BODY.ordinal()) return open;
    writeBodyHeader();
    return length;
  }

  private void beginCounted(FieldSpec field, FieldType type) {
    if (!header(field, type, 2)) {
      open = -1;
      return;
    }
    open = length - FIELD_HEADER;
    put16(array, length, 0);
    length += 2;
    count = 0;
  }

  private void endCounted() {
    if (open < 0) return;
    put32(array, open + 2, length - open - FIELD_HEADER);
    put16(array, open + FIELD_HEADER, count);
    open = -1;
  }

  private void append(byte[] source, int offset, int byteCount) {
    put32(array, length, byteCount);
    System.arraycopy(source, offset, array, length + 4, byteCount);
    length += 4 + byteCount;
  }

  private boolean header(FieldSpec field, FieldType type, int valueLength) {
    if (!ensure(FIELD_HEADER + valueLength)) {
      truncated = true;
      return false;
    }
    array[length] = (byte) field.id();
    array[length + 1] = (byte) type.ordinal();
    put32(array, length + 2, valueLength);
    length += FIELD_HEADER;
    return true;
  }

  // Byte by byte: C2 makes one store of these (MergeStores), and before it has, they cost a third of a VarHandle.

  static void put16(byte[] array, int at, int value) {
    array[at] = (byte) value;
    array[at + 1] = (byte) (value >> 8);
  }

  static void put32(byte[] array, int at, int value) {
    array[at] = (byte) value;
    array[at + 1] = (byte) (value >> 8);
    array[at + 2] = (byte) (value >> 16);
    array[at + 3] = (byte) (value >> 24);
  }

  static void put64(byte[] array, int at, long value) {
    array[at] = (byte) value;
    array[at + 1] = (byte) (value >> 8);
    array[at + 2] = (byte) (value >> 16);
    array[at + 3] = (byte) (value >> 24);
    array[at + 4] = (byte) (value >> 32);
    array[at + 5] = (byte) (value >> 40);
    array[at + 6] = (byte) (value >> 48);
    array[at + 7] = (byte) (value >> 56);
  }

  private boolean ensure(int extra) {
    int needed = length + extra;
    if (needed <= array.length) return true;
    if (needed > bytesMax || needed < 0) return false;
    array = java.util.Arrays.copyOf(array, (int) Math.min(bytesMax, Math.max(needed, array.length * 2L)));
    return true;
  }
}
