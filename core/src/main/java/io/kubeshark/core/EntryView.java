package io.kubeshark.core;

import static io.kubeshark.core.FieldWriter.FIELD_HEADER;
import static io.kubeshark.core.FieldWriter.LE16;
import static io.kubeshark.core.FieldWriter.LE32;
import static io.kubeshark.core.FieldWriter.LE64;

import java.nio.charset.StandardCharsets;

/**
 * Reads an entry record in place ({@link EntryLayout}). Reused: {@link #wrap} moves it on. Value positions that {@link #find} answers
 * are indexes into {@link #array()}.
 */
public final class EntryView {
  private byte[] array;
  private int offset;
  private int length;

  /**
   * @return whether a record of a known version lies there whole; otherwise the view must not be read
   */
  public boolean wrap(byte[] array, int offset, int available) {
    this.array = array;
    this.offset = offset;
    if (available < EntryLayout.HEADER_LENGTH) return false;
    length = (int) LE32.get(array, offset);
    if (length < EntryLayout.HEADER_LENGTH || length > available || length > EntryLayout.RECORD_BYTES_MAX) return false;
    if (((short) LE16.get(array, offset + EntryLayout.VERSION_AT) & 0xffff) != EntryLayout.VERSION) return false;
    int request = (int) LE32.get(array, offset + EntryLayout.REQUEST_LENGTH);
    int response = (int) LE32.get(array, offset + EntryLayout.RESPONSE_LENGTH);
    int names = (int) LE32.get(array, offset + EntryLayout.NAMES_LENGTH);
    if (request < 0 || response < 0 || names < 0 || (long) EntryLayout.HEADER_LENGTH + request + response + names != length) return false;
    return names == 0 || namesFit(names);
  }

  private boolean namesFit(int names) {
    if (names < 4) return false;
    int client = (int) LE32.get(array, offset + length - names);
    return client >= 0 && client <= names - 4;
  }

  public byte[] array() {
    return array;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }

  public EntryLayout.Kind kind() {
    return EntryLayout.Kind.values()[array[offset + EntryLayout.KIND]];
  }

  public EntryLayout.StatusClass statusClass() {
    return EntryLayout.StatusClass.values()[array[offset + EntryLayout.STATUS_CLASS]];
  }

  public long sequence() {
    return i64(EntryLayout.SEQUENCE);
  }

  public long startNs() {
    return i64(EntryLayout.START_NS);
  }

  /** Nanoseconds, or -1 where one side is missing. */
  public long elapsedNs() {
    return i64(EntryLayout.ELAPSED_NS);
  }

  public long endNs() {
    return i64(EntryLayout.END_NS);
  }

  public long stream() {
    return i64(EntryLayout.STREAM);
  }

  public int index() {
    return (int) LE32.get(array, offset + EntryLayout.INDEX);
  }

  public int flags() {
    return (int) LE32.get(array, offset + EntryLayout.FLAGS);
  }

  public boolean has(int flag) {
    return (flags() & flag) != 0;
  }

  public int srcPort() {
    return u16(EntryLayout.SRC_PORT);
  }

  public int dstPort() {
    return u16(EntryLayout.DST_PORT);
  }

  public int ipVersion() {
    return array[offset + EntryLayout.IP_VERSION];
  }

  public int transport() {
    return array[offset + EntryLayout.TRANSPORT] & 0xff;
  }

  public EntryLayout.Capture backend() {
    return EntryLayout.Capture.values()[array[offset + EntryLayout.CAPTURE_BACKEND]];
  }

  public EntryLayout.Capture source() {
    return EntryLayout.Capture.values()[array[offset + EntryLayout.CAPTURE_SOURCE]];
  }

  public int vlan() {
    return u16(EntryLayout.VLAN);
  }

  public String srcIp() {
    return IpAddress.text(array, offset + EntryLayout.SRC_IP);
  }

  public String dstIp() {
    return IpAddress.text(array, offset + EntryLayout.DST_IP);
  }

  public long requestSize() {
    return i64(EntryLayout.REQUEST_SIZE);
  }

  public long responseSize() {
    return i64(EntryLayout.RESPONSE_SIZE);
  }

  public long lostBytes() {
    return i64(EntryLayout.LOST_BYTES);
  }

  public long anomalies() {
    return i64(EntryLayout.ANOMALIES);
  }

  public String protocol() {
    return new String(array, offset + EntryLayout.PROTOCOL + 1, array[offset + EntryLayout.PROTOCOL], StandardCharsets.US_ASCII);
  }

  public boolean isProtocol(byte[] ascii) {
    int at = offset + EntryLayout.PROTOCOL;
    return array[at] == ascii.length && java.util.Arrays.equals(array, at + 1, at + 1 + ascii.length, ascii, 0, ascii.length);
  }

  /** First field of a side: iterate with {@link #next} until {@link #end}. */
  public int first(Direction side) {
    int request = offset + EntryLayout.HEADER_LENGTH;
    return side == Direction.CLIENT ? request : request + (int) LE32.get(array, offset + EntryLayout.REQUEST_LENGTH);
  }

  public int end(Direction side) {
    int response = first(Direction.SERVER);
    return side == Direction.CLIENT ? response : response + (int) LE32.get(array, offset + EntryLayout.RESPONSE_LENGTH);
  }

  /** Bytes at the record's end that say who is at both ends; 0: it does not say. */
  public int namesLength() {
    return (int) LE32.get(array, offset + EntryLayout.NAMES_LENGTH);
  }

  /**
   * The field that says this of an end, by what is written or else stands for it ({@link NamePart}), or -1. Its value: {@link #valueAt},
   * {@link #valueLength}, for LABELS {@link #firstItem}, {@link #count}.
   */
  public int name(Direction side, NamePart part) {
    int names = namesLength();
    if (names == 0) return -1;
    int at = offset + length - names;
    int client = at + 4 + (int) LE32.get(array, at);
    int first = side == Direction.CLIENT ? at + 4 : client;
    int end = side == Direction.CLIENT ? client : offset + length;
    int field = find(part.ordinal(), first, end);
    if (field >= 0) return field;
    return switch (part) {
      case NAME -> derivedName(first, end);
      case SERVICE_NAMESPACE -> find(NamePart.SERVICE.ordinal(), first, end) < 0 ? -1 : find(NamePart.NAMESPACE.ordinal(), first, end);
      case NAMESPACE, POD, SERVICE, NODE, DNS, LABELS -> -1;
    };
  }

  private int derivedName(int first, int end) {
    int field = find(NamePart.SERVICE.ordinal(), first, end);
    if (field < 0) field = find(NamePart.POD.ordinal(), first, end);
    if (field < 0) field = find(NamePart.NODE.ordinal(), first, end);
    return field < 0 ? find(NamePart.DNS.ordinal(), first, end) : field;
  }

  private int find(int id, int first, int end) {
    for (int field = first; field < end; ) {
      if (array[field] == id) return field;
      int valueLength = (int) LE32.get(array, field + 2);
      if (valueLength < 0) return -1; // damaged
      field += FIELD_HEADER + valueLength;
    }
    return -1;
  }

  /** As {@link #name}, as text; "" where it is not known. Not for LABELS. */
  public String nameText(Direction side, NamePart part) {
    int field = name(side, part);
    return field < 0 ? "" : stringValue(field);
  }

  public int next(int field) {
    return field + FIELD_HEADER + (int) LE32.get(array, field + 2);
  }

  public int fieldId(int field) {
    return array[field] & 0xff;
  }

  public FieldType fieldType(int field) {
    return FieldType.of(array[field + 1]);
  }

  /** Start of the field, or -1 if this entry does not have it. Its value: {@link #valueAt}, {@link #valueLength}. */
  public int find(FieldSpec spec) {
    int end = end(spec.direction());
    for (int field = first(spec.direction()); field < end; field = next(field)) if (fieldId(field) == spec.id()) return field;
    return -1;
  }

  public int valueAt(int field) {
    return field + FIELD_HEADER;
  }

  public int valueLength(int field) {
    return (int) LE32.get(array, field + 2);
  }

  public long intValue(int field) {
    return (long) LE64.get(array, field + FIELD_HEADER);
  }

  public boolean boolValue(int field) {
    return array[field + FIELD_HEADER] != 0;
  }

  /** A STRING's text; bytes that are not UTF-8 become U+FFFD. */
  public String stringValue(int field) {
    return new String(array, field + FIELD_HEADER, valueLength(field), StandardCharsets.UTF_8);
  }

  /** Entries of a MAP, items of a LIST, rows of a TABLE. */
  public int count(int field) {
    return (short) LE16.get(array, field + FIELD_HEADER) & 0xffff;
  }

  /** First length word of a MAP's or LIST's items; each item is u32 length + bytes, a MAP alternates name and value. */
  public int firstItem(int field) {
    return field + FIELD_HEADER + (fieldType(field) == FieldType.TABLE ? 3 : 2);
  }

  public int columns(int field) {
    return array[field + FIELD_HEADER + 2] & 0xff;
  }

  public int itemLength(int item) {
    return (int) LE32.get(array, item);
  }

  public int itemAt(int item) {
    return item + 4;
  }

  public int nextItem(int item) {
    return item + 4 + (int) LE32.get(array, item);
  }

  public String itemText(int item) {
    return new String(array, item + 4, itemLength(item), StandardCharsets.UTF_8);
  }

  public long bodyWireLength(int field) {
    return (long) LE64.get(array, field + FIELD_HEADER);
  }

  public int bodyFlags(int field) {
    return array[field + FIELD_HEADER + 8];
  }

  public String bodyMediaType(int field) {
    int at = field + FIELD_HEADER + 9;
    return new String(array, at + 2, (short) LE16.get(array, at) & 0xffff, StandardCharsets.ISO_8859_1);
  }

  public String bodyContentEncoding(int field) {
    int at = field + FIELD_HEADER + 9;
    at += 2 + ((short) LE16.get(array, at) & 0xffff);
    return new String(array, at + 2, (short) LE16.get(array, at) & 0xffff, StandardCharsets.ISO_8859_1);
  }

  /** Index of the first kept byte of a BODY. */
  public int bodyAt(int field) {
    int at = field + FIELD_HEADER + 9;
    at += 2 + ((short) LE16.get(array, at) & 0xffff);
    return at + 2 + ((short) LE16.get(array, at) & 0xffff);
  }

  public int bodyLength(int field) {
    return next(field) - bodyAt(field);
  }

  private int u16(int at) {
    return (short) LE16.get(array, offset + at) & 0xffff;
  }

  private long i64(int at) {
    return (long) LE64.get(array, offset + at);
  }
}
