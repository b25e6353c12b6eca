package io.kubeshark.dissect.http;

import io.kubeshark.core.FieldWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Header lines of a head that was read before. Clients and servers send nearly the same ones again and again: lines that are byte for byte
 * those of last time need not be taken apart again, nor encoded. Relative to the first line's begin; one each for requests and responses of a thread.
 */
final class HttpHeadMemo {
  private static final int BYTES_MAX = 2048;
  private static final int LINES_MAX = 48;
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] block = new byte[BYTES_MAX];
  private final int[] ends = new int[LINES_MAX];
  private final int[] spans = new int[LINES_MAX * HttpHead.SPAN];
  private final byte[] kinds = new byte[LINES_MAX];
  /** As {@link FieldWriter#mapEntries} takes them; they end at {@code encodedEnds}. */
  private final byte[] encoded = new byte[BYTES_MAX + 8 * LINES_MAX];
  private final int[] encodedEnds = new int[LINES_MAX];
  private int length;
  private int lines;

  /** How many of the remembered lines lie at {@code from}, whole and in their order. */
  int matching(byte[] array, int from, int to) {
    int comparable = Math.min(length, to - from);
    int same = Arrays.mismatch(array, from, from + comparable, block, 0, comparable);
    if (same < 0) same = comparable;
    if (same == length) return lines;
    int count = 0;
    while (count < lines && ends[count] <= same) count++;
    return count;
  }

  /** Index behind the line. */
  int end(int line) {
    return ends[line];
  }

  /** Copies the places of the first {@code count} lines, which begin at {@code from}. */
  void copyTo(int[] targetSpans, byte[] targetKinds, int count, int from) {
    for (int i = 0; i < count * HttpHead.SPAN; i += HttpHead.SPAN) {
      targetSpans[i + HttpHead.NAME_AT] = spans[i + HttpHead.NAME_AT] + from;
      targetSpans[i + HttpHead.NAME_LENGTH] = spans[i + HttpHead.NAME_LENGTH];
      targetSpans[i + HttpHead.VALUE_AT] = spans[i + HttpHead.VALUE_AT] + from;
      targetSpans[i + HttpHead.VALUE_LENGTH] = spans[i + HttpHead.VALUE_LENGTH];
    }
    System.arraycopy(kinds, 0, targetKinds, 0, count);
  }

  /** Writes the first {@code count} lines into the open map. */
  void write(FieldWriter out, int count) {
    if (count > 0) out.mapEntries(encoded, 0, encodedEnds[count - 1], count);
  }

  /** Lines without anomalies, in [from, to), each from one line feed to the next. @return how many it remembers: all or none */
  int remember(byte[] array, int from, int to, int[] sourceSpans, byte[] sourceKinds, int count) {
    length = lines = 0;
    if (to - from > BYTES_MAX || count > LINES_MAX) return 0;
    System.arraycopy(array, from, block, 0, to - from);
    for (int line = 0; line < count; line++) {
      int i = line * HttpHead.SPAN;
      spans[i + HttpHead.NAME_AT] = sourceSpans[i + HttpHead.NAME_AT] - from;
      spans[i + HttpHead.NAME_LENGTH] = sourceSpans[i + HttpHead.NAME_LENGTH];
      spans[i + HttpHead.VALUE_AT] = sourceSpans[i + HttpHead.VALUE_AT] - from;
      spans[i + HttpHead.VALUE_LENGTH] = sourceSpans[i + HttpHead.VALUE_LENGTH];
      // The next line begins behind this one's line feed.
      ends[line] = line + 1 < count ? sourceSpans[i + HttpHead.SPAN + HttpHead.NAME_AT] - from : to - from;
    }
    System.arraycopy(sourceKinds, 0, kinds, 0, count);
    length = to - from;
    lines = count;
    encode();
    return count;
  }

  private void encode() {
    int at = 0;
    for (int line = 0; line < lines; line++) {
      int i = line * HttpHead.SPAN;
      at = item(at, spans[i + HttpHead.NAME_AT], spans[i + HttpHead.NAME_LENGTH]);
      at = item(at, spans[i + HttpHead.VALUE_AT], spans[i + HttpHead.VALUE_LENGTH]);
      encodedEnds[line] = at;
    }
  }

  private int item(int at, int from, int byteCount) {
    LE32.set(encoded, at, byteCount);
    System.arraycopy(block, from, encoded, at + 4, byteCount);
    return at + 4 + byteCount;
  }
}
