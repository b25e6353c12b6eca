package io.kubeshark.store;

import io.kubeshark.core.EntryLayout;

/** Records on their way to disk, laid out as the {@link Frame} that they become. One owner at a time. */
final class Batch {
  /** One record of the largest size always fits into a batch of its own. */
  static final int RECORDS_BYTES_MAX = EntryLayout.RECORD_BYTES_MAX;

  final byte[] array;
  final boolean pooled;
  /** Index after the last record. */
  int end = Frame.HEADER_LENGTH;
  int count;

  Batch(int recordsBytes, boolean pooled) {
    this.array = new byte[Frame.HEADER_LENGTH + recordsBytes];
    this.pooled = pooled;
  }

  boolean fits(int length) {
    return length <= array.length - end;
  }

  void append(byte[] record, int offset, int length) {
    System.arraycopy(record, offset, array, end, length);
    end += length;
    count++;
  }

  void clear() {
    end = Frame.HEADER_LENGTH;
    count = 0;
  }
}
