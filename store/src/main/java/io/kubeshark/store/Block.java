package io.kubeshark.store;

/**
 * The index's grain: a run of frames that is read at once. Immutable; the last block of a segment is replaced as it grows.
 *
 * @param position of its first frame in the segment file
 * @param length bytes, at most {@value #BYTES_MAX} unless it is one larger frame
 * @param minNs of its records' own times
 * @param writtenNs of its youngest frame
 * @param keys null while it grows: anything may be in it
 */
record Block(
    Segment segment, long position, int length, long firstSequence, long lastSequence, int count, long minNs, long maxNs, long writtenNs,
    KeyFilter keys) {
  /** Small frames (a quiet node flushes often) are gathered up to this, so that the index stays small beside the data. */
  static final int BYTES_MAX = Frame.HEADER_LENGTH + (256 << 10);

  static Block ofFrame(Segment segment, long position, byte[] array, int frame, int length) {
    long first = LittleEndian.i64(array, frame + Frame.FIRST_SEQUENCE);
    int count = LittleEndian.i32(array, frame + Frame.COUNT);
    return new Block(
        segment, position, length, first, first + count - 1, count, LittleEndian.i64(array, frame + Frame.MIN_NS),
        LittleEndian.i64(array, frame + Frame.MAX_NS), LittleEndian.i64(array, frame + Frame.WRITTEN_NS), null);
  }

  boolean takes(Block next) {
    return length + next.length <= BYTES_MAX;
  }

  Block with(Block next) {
    return new Block(
        segment, position, length + next.length, firstSequence, next.lastSequence, count + next.count, Math.min(minNs, next.minNs),
        Math.max(maxNs, next.maxNs), Math.max(writtenNs, next.writtenNs), null);
  }

  Block with(KeyFilter filter) {
    return new Block(segment, position, length, firstSequence, lastSequence, count, minNs, maxNs, writtenNs, filter);
  }

  boolean mayContain(long key) {
    return keys == null || keys.mayContain(key);
  }
}
