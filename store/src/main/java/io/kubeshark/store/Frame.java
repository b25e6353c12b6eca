package io.kubeshark.store;

import java.util.zip.CRC32C;

/**
 * A batch of records as it lies in a segment: what is written at once and what recovery keeps or cuts whole. Little endian.
 *
 * <pre>
 *   0 u32 length         bytes of the records after this header
 *   4 u32 crc            CRC-32C of everything from byte 8 to the end of the records
 *   8 u32 count          records
 *  12 u32 reserved
 *  16 u64 firstSequence  the records' numbers are dense from here
 *  24 i64 writtenNs      by the store's clock: the TTL counts from here
 *  32 i64 minNs          of the records' own times
 *  40 i64 maxNs
 *  48 records
 * </pre>
 */
final class Frame {
  private Frame() {}

  static final int LENGTH = 0;
  static final int CRC = 4;
  static final int COUNT = 8;
  static final int FIRST_SEQUENCE = 16;
  static final int WRITTEN_NS = 24;
  static final int MIN_NS = 32;
  static final int MAX_NS = 40;
  static final int HEADER_LENGTH = 48;

  /** Fills in the header of a batch and numbers its records. */
  static void seal(Batch batch, RecordFormat format, long firstSequence, long writtenNs) {
    byte[] array = batch.array;
    long minNs = Long.MAX_VALUE;
    long maxNs = Long.MIN_VALUE;
    long sequence = firstSequence;
    for (int at = HEADER_LENGTH; at < batch.end; at += LittleEndian.i32(array, at)) {
      long timeNs = format.time(array, at);
      minNs = Math.min(minNs, timeNs);
      maxNs = Math.max(maxNs, timeNs);
      if (format.sequenceAt() >= 0) LittleEndian.i64(array, at + format.sequenceAt(), sequence++);
    }
    LittleEndian.i32(array, LENGTH, batch.end - HEADER_LENGTH);
    LittleEndian.i32(array, COUNT, batch.count);
    LittleEndian.i32(array, COUNT + 4, 0);
    LittleEndian.i64(array, FIRST_SEQUENCE, firstSequence);
    LittleEndian.i64(array, WRITTEN_NS, writtenNs);
    LittleEndian.i64(array, MIN_NS, minNs);
    LittleEndian.i64(array, MAX_NS, maxNs);
    LittleEndian.i32(array, CRC, crc(array, 0, batch.end));
  }

  /** Length of the frame at {@code at}, header included, or -1 if none can lie there. */
  static int length(byte[] array, int at, long available) {
    if (available < HEADER_LENGTH) return -1;
    int length = LittleEndian.i32(array, at);
    return length > 0 && length <= available - HEADER_LENGTH && length <= Batch.RECORDS_BYTES_MAX ? HEADER_LENGTH + length : -1;
  }

  /** Whether the bytes of the frame [at, end) are what was written. */
  static boolean intact(byte[] array, int at, int end) {
    return LittleEndian.i32(array, at + CRC) == crc(array, at, end);
  }

  /** Whether its records fill it exactly. */
  static boolean wellFormed(byte[] array, int at, int end, RecordFormat format) {
    int records = 0;
    int record = at + HEADER_LENGTH;
    while (record < end) {
      int length = format.length(array, record, end);
      if (length < 0) return false;
      record += length;
      records++;
    }
    return records == LittleEndian.i32(array, at + COUNT);
  }

  private static int crc(byte[] array, int at, int end) {
    CRC32C crc = new CRC32C();
    crc.update(array, at + COUNT, end - at - COUNT);
    return (int) crc.getValue();
  }
}
