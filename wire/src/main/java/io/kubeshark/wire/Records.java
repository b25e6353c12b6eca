package io.kubeshark.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.kubeshark.core.EntryView;

/** Entry records, one after the other, as {@code Entries.records} and {@code QueryResult.records} carry them. */
public final class Records {
  private Records() {}

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
}
