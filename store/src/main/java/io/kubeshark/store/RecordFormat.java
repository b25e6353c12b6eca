package io.kubeshark.store;

import io.kubeshark.core.EntryLayout;

/**
 * What a log must know of its records to frame, index and check them. Every record begins with its length (u32, itself included).
 *
 * @param headerLength the least a record is long
 * @param timeAt offset of its i64 time (epoch ns)
 * @param keyAt offset of the i64 key by which records are found: the connection
 * @param sequenceAt offset of the u64 into which the log writes its sequence number, -1: nowhere
 */
record RecordFormat(String name, int headerLength, int timeAt, int keyAt, int sequenceAt) {
  static final RecordFormat ENTRIES =
      new RecordFormat("entries", EntryLayout.HEADER_LENGTH, EntryLayout.START_NS, EntryLayout.STREAM, EntryLayout.SEQUENCE);
  static final RecordFormat PACKETS = new RecordFormat("packets", PacketLayout.HEADER_LENGTH, PacketLayout.TIME_NS, PacketLayout.CONNECTION, -1);

  long time(byte[] array, int record) {
    return LittleEndian.i64(array, record + timeAt);
  }

  long key(byte[] array, int record) {
    return LittleEndian.i64(array, record + keyAt);
  }

  /** Length of the record at {@code at}, or -1 if none lies there whole. */
  int length(byte[] array, int at, int end) {
    if (end - at < headerLength) return -1;
    int length = LittleEndian.i32(array, at);
    return length >= headerLength && length <= end - at ? length : -1;
  }
}
