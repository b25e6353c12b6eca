package io.kubeshark.render;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The JSON of a MAP's pairs that was written before. Headers are nearly the same from message to message: those that begin a map as they
 * began it last time are copied at once. Only of maps without escapes and without a name twice.
 */
final class PairsMemo {
  private static final int BYTES_MAX = 2048;
  static final int PAIRS_MAX = 48;
  /** {@code "":"",} around a pair: what two length words are in the record, and the last comma is not there. */
  private static final int JSON_EXTRA = 6;
  private static final int SOURCE_EXTRA = 8;
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] source = new byte[BYTES_MAX];
  private final byte[] json = new byte[BYTES_MAX];
  /** Behind each pair, in the record's bytes. */
  private final int[] ends = new int[PAIRS_MAX];
  /** {@link ValueJson#nameBit} of all names up to each pair. */
  private final long[] names = new long[PAIRS_MAX];
  private int length;
  private int pairs;

  /** How many pairs lie at {@code item} as they are remembered, whole and in their order. */
  int matching(byte[] array, int item, int byteCount) {
    int comparable = Math.min(length, byteCount);
    int same = Arrays.mismatch(array, item, item + comparable, source, 0, comparable);
    if (same < 0) same = comparable;
    int count = pairs;
    while (count > 0 && ends[count - 1] > same) count--;
    return count;
  }

  /** Bytes of the first pairs in the record. */
  int bytes(int count) {
    return count == 0 ? 0 : ends[count - 1];
  }

  long names(int count) {
    return count == 0 ? 0 : names[count - 1];
  }

  /** Writes the first pairs, with commas between them. */
  void write(int count, JsonWriter out) {
    if (count > 0) out.raw(json, 0, jsonEnd(count, bytes(count)));
  }

  /** Without the comma behind it. */
  private static int jsonEnd(int count, int bytes) {
    return bytes - count * (SOURCE_EXTRA - JSON_EXTRA) - 1;
  }

  /** @param jsonAt where the pairs' JSON begins in {@code written} */
  void remember(byte[] array, int item, int byteCount, int count, byte[] written, int jsonAt) {
    length = pairs = 0;
    if (byteCount > BYTES_MAX || count > PAIRS_MAX || count == 0) return;
    System.arraycopy(array, item, source, 0, byteCount);
    System.arraycopy(written, jsonAt, json, 0, jsonEnd(count, byteCount));
    int at = 0;
    long seen = 0;
    for (int i = 0; i < count; i++) {
      int name = (int) LE32.get(source, at);
      seen |= ValueJson.nameBit(source, at + 4, name);
      at += 4 + name;
      at += 4 + (int) LE32.get(source, at);
      ends[i] = at;
      names[i] = seen;
    }
    length = byteCount;
    pairs = count;
  }
}
