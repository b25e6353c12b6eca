package io.kubeshark.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Entry records, one after the other, as {@code Entries.records} and {@code QueryResult.records} carry them. */
public final class Records {
  private Records() {}

  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  /** In a field's header ({@link io.kubeshark.core.FieldWriter}). */
  private static final int FIELD_LENGTH_AT = 2;

  public interface Visitor {
    /** @return whether to go on. The view is valid only during the call. */
    boolean onRecord(EntryView record);
  }

  /**
   * Shows every record in turn.
   *
   * @return false if the bytes end in something that is no record of a known version; what comes after it is not read
   */
  public static boolean forEach(byte[] array, int offset, int length, EntryView view, Visitor visitor) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (!view.wrap(array, at, end - at)) return false;
      if (!visitor.onRecord(view)) return true;
      at += view.length();
    }
    return true;
  }

  /** The bytes without a copy; the array must not change any more. */
  public static ByteString wrap(byte[] array, int offset, int length) {
    return UnsafeByteOperations.unsafeWrap(array, offset, length);
  }

  /**
   * Copies a record without the kept bytes of its bodies; their wire lengths, media types and encodings stay.
   *
   * @param target with room for the whole record
   * @return the copy's length
   */
  public static int copyWithoutBodies(EntryView record, byte[] target, int at) {
    int header = EntryLayout.HEADER_LENGTH;
    System.arraycopy(record.array(), record.offset(), target, at, header);
    int request = copyWithoutBodies(record, Direction.CLIENT, target, at + header);
    int response = copyWithoutBodies(record, Direction.SERVER, target, at + header + request);
    int names = record.namesLength();
    System.arraycopy(record.array(), record.offset() + record.length() - names, target, at + header + request + response, names);
    int length = header + request + response + names;
    LE32.set(target, at + EntryLayout.LENGTH, length);
    LE32.set(target, at + EntryLayout.REQUEST_LENGTH, request);
    LE32.set(target, at + EntryLayout.RESPONSE_LENGTH, response);
    return length;
  }

  private static int copyWithoutBodies(EntryView record, Direction side, byte[] target, int at) {
    int to = at;
    int end = record.end(side);
    for (int field = record.first(side); field < end; field = record.next(field)) {
      int length = (record.fieldType(field) == FieldType.BODY ? record.bodyAt(field) : record.next(field)) - field;
      System.arraycopy(record.array(), field, target, to, length);
      LE32.set(target, to + FIELD_LENGTH_AT, length - (record.valueAt(field) - field));
      to += length;
    }
    return to - at;
  }
}
