package io.kubeshark.store;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Entry records to store, and what the tests share. */
final class Records {
  static final long FINGERPRINT = 0x5eed;
  static final long SECOND_NS = 1_000_000_000L;
  static final long NOON_NS = 1_700_000_000L * SECOND_NS;

  private Records() {}

  /** A clock that stands still until it is set. */
  static AtomicLong clock() {
    return new AtomicLong(NOON_NS);
  }

  /** A whole record; the bytes after the header are made from stream and index, so that a mix-up shows. */
  static byte[] record(long stream, int index, long startNs, int length) {
    byte[] record = new byte[length];
    LittleEndian.i32(record, EntryLayout.LENGTH, length);
    LittleEndian.u16(record, EntryLayout.VERSION_AT, EntryLayout.VERSION);
    LittleEndian.i64(record, EntryLayout.START_NS, startNs);
    LittleEndian.i64(record, EntryLayout.STREAM, stream);
    LittleEndian.i32(record, EntryLayout.INDEX, index);
    LittleEndian.i64(record, EntryLayout.REQUEST_SIZE, 100);
    LittleEndian.i64(record, EntryLayout.RESPONSE_SIZE, 1000);
    LittleEndian.i32(record, EntryLayout.REQUEST_LENGTH, length - EntryLayout.HEADER_LENGTH);
    record[EntryLayout.PROTOCOL] = 4;
    System.arraycopy("http".getBytes(StandardCharsets.US_ASCII), 0, record, EntryLayout.PROTOCOL + 1, 4);
    for (int i = EntryLayout.HEADER_LENGTH; i < length; i++) record[i] = fill(stream, index, i);
    return record;
  }

  /** Whether the record is what {@link #record} made, whatever number it has now. */
  static boolean intact(EntryView entry) {
    for (int i = EntryLayout.HEADER_LENGTH; i < entry.length(); i++) {
      if (entry.array()[entry.offset() + i] != fill(entry.stream(), entry.index(), i)) return false;
    }
    return true;
  }

  private static byte fill(long stream, int index, int at) {
    return (byte) (stream * 31 + index * 17L + at);
  }

  /** A batch as a batcher would hand it over. */
  static Batch batch(byte[]... records) {
    int bytes = 0;
    for (byte[] record : records) bytes += record.length;
    Batch batch = new Batch(bytes, false);
    for (byte[] record : records) batch.append(record, 0, record.length);
    return batch;
  }

  /** {@code count} records of one connection, starting a microsecond apart. */
  static Batch batch(long stream, int firstIndex, int count, long startNs, int length) {
    byte[][] records = new byte[count][];
    for (int i = 0; i < count; i++) records[i] = record(stream, firstIndex + i, startNs + i * 1000L, length);
    return batch(records);
  }

  static List<Long> sequences(EntryStore store, Query query) {
    List<Long> sequences = new ArrayList<>();
    store.scan(query, entry -> {
      if (!intact(entry)) throw new AssertionError("entry " + entry.sequence() + " is damaged");
      return sequences.add(entry.sequence());
    });
    return sequences;
  }

  /** Ascending runs, so that a hole or a double shows in a message: "1-500 502-600". */
  static String runs(List<Long> numbers) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < numbers.size(); i++) {
      if (i > 0 && numbers.get(i) == numbers.get(i - 1) + 1) continue;
      if (i > 0) text.append('-').append(numbers.get(i - 1)).append(' ');
      text.append(numbers.get(i));
    }
    return numbers.isEmpty() ? "none" : text.append('-').append(numbers.getLast()).toString();
  }

  static List<Long> range(long from, long to) {
    List<Long> numbers = new ArrayList<>();
    for (long i = from; i <= to; i++) numbers.add(i);
    return numbers;
  }
}
