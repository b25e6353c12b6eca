package io.kubeshark.codec;

import java.util.Arrays;

/**
 * A decoding table of Zstandard's entropy coders: finite state entropy (RFC 8878 section 4.1.1) or Huffman (4.2.1, where {@link #base} is
 * not used). Indexed by state or by the next {@link #log} bits.
 */
final class ZstdTable {
  private static final int WEIGHT_LOG_MAX = 6;
  private static final int HUFFMAN_LOG_MAX = 11;
  private static final int WEIGHTS_MAX = 255;

  final int log;
  final short[] symbol;
  final byte[] bits;
  final int[] base;

  private ZstdTable(int log, int[] base) {
    this.log = log;
    this.symbol = new short[1 << log];
    this.bits = new byte[1 << log];
    this.base = base;
  }

  static ZstdTable constant(int symbol) {
    ZstdTable table = new ZstdTable(0, new int[1]);
    table.symbol[0] = (short) symbol;
    return table;
  }

  /** From probabilities in units of 1/2^log; -1 means "less than one". */
  static ZstdTable fse(int log, short[] probability, int count) {
    int size = 1 << log;
    ZstdTable table = new ZstdTable(log, new int[size]);
    int high = size;
    int[] next = new int[count];
    for (int s = 0; s < count; s++) {
      if (probability[s] == -1) {
        table.symbol[--high] = (short) s;
        next[s] = 1;
      } else {
        next[s] = probability[s];
      }
    }
    int step = (size >> 1) + (size >> 3) + 3;
    int position = 0;
    for (int s = 0; s < count; s++) {
      for (int i = 0; i < probability[s]; i++) {
        table.symbol[position] = (short) s;
        do position = position + step & size - 1; while (position >= high);
      }
    }
    for (int state = 0; state < size; state++) {
      int n = next[table.symbol[state]]++;
      table.bits[state] = (byte) (log - (31 - Integer.numberOfLeadingZeros(n)));
      table.base[state] = (n << table.bits[state]) - size;
    }
    return table;
  }

  /** @param position in: where the description begins, out: where it ends */
  static ZstdTable readFse(byte[] array, int[] position, int to, int logMax, int symbolMax) {
    long bit = position[0] * 8L;
    int log = (int) forward(array, bit, 4) + 5;
    bit += 4;
    if (log > logMax) throw new Zstd.Damaged("the zstd data is damaged: table size");
    short[] probability = new short[symbolMax + 1];
    int remaining = 1 << log;
    int count = 0;
    while (remaining > 0) {
      if (count > symbolMax) throw new Zstd.Damaged("the zstd data is damaged: table");
      int width = 32 - Integer.numberOfLeadingZeros(remaining + 1);
      int value = (int) forward(array, bit, width);
      int lowMask = (1 << width - 1) - 1;
      int threshold = (1 << width) - 1 - (remaining + 1);
      if ((value & lowMask) < threshold) {
        value &= lowMask;
        bit += width - 1;
      } else {
        if (value > lowMask) value -= threshold;
        bit += width;
      }
      int p = value - 1;
      remaining -= Math.abs(p);
      probability[count++] = (short) p;
      for (int repeat = p == 0 ? 3 : 0; repeat == 3; ) {
        repeat = (int) forward(array, bit, 2);
        bit += 2;
        count += repeat;
      }
    }
    position[0] = (int) (bit + 7 >>> 3);
    if (remaining < 0 || position[0] > to || count > symbolMax + 1) throw new Zstd.Damaged("the zstd data is damaged: table");
    return fse(log, probability, count);
  }

  private static long forward(byte[] array, long bit, int count) {
    long word = 0;
    int at = (int) (bit >>> 3);
    for (int i = 0; i < 4 && at + i < array.length; i++) word |= (array[at + i] & 0xffL) << 8 * i;
    return word >>> (bit & 7) & (1L << count) - 1;
  }

  static ZstdTable readHuffman(byte[] array, int[] position, int to) {
    byte[] weights = new byte[WEIGHTS_MAX + 1];
    int p = position[0];
    int header = array[p++] & 0xff;
    int count;
    if (header >= 128) {
      count = header - 127;
      for (int i = 0; i < count; i++) weights[i] = (byte) ((i & 1) == 0 ? array[p + i / 2] >> 4 & 15 : array[p + i / 2] & 15);
      position[0] = p + (count + 1) / 2;
    } else {
      position[0] = p + header;
      if (position[0] > to) throw new Zstd.Damaged("the zstd data is damaged: Huffman weights");
      count = fseWeights(array, p, position[0], weights);
    }
    return huffman(weights, count);
  }

  /** Two states take turns until the bits run out. */
  private static int fseWeights(byte[] array, int from, int to, byte[] weights) {
    int[] position = {from};
    ZstdTable table = readFse(array, position, to, WEIGHT_LOG_MAX, WEIGHTS_MAX);
    ZstdBits stream = new ZstdBits(array, position[0], to);
    int a = stream.read(table.log);
    int b = stream.read(table.log);
    int count = 0;
    while (count < WEIGHTS_MAX - 1) {
      weights[count++] = (byte) table.symbol[a];
      if (stream.left() < table.bits[a]) {
        weights[count++] = (byte) table.symbol[b];
        return count;
      }
      a = table.base[a] + stream.read(table.bits[a]);
      int other = a;
      a = b;
      b = other;
    }
    throw new Zstd.Damaged("the zstd data is damaged: Huffman weights");
  }

  /** The last symbol's weight is not written: it fills the sum up to a power of two. */
  private static ZstdTable huffman(byte[] weights, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      if (weights[i] > HUFFMAN_LOG_MAX) throw new Zstd.Damaged("the zstd data is damaged: Huffman weights");
      sum += weights[i] == 0 ? 0 : 1 << weights[i] - 1;
    }
    int log = 32 - Integer.numberOfLeadingZeros(sum);
    int rest = (1 << log) - sum;
    if (sum == 0 || log > HUFFMAN_LOG_MAX || Integer.bitCount(rest) != 1) throw new Zstd.Damaged("the zstd data is damaged: Huffman weights");
    weights[count] = (byte) (32 - Integer.numberOfLeadingZeros(rest));
    ZstdTable table = new ZstdTable(log, null);
    int entry = 0;
    for (int weight = 1; weight <= log; weight++) {
      for (int s = 0; s <= count; s++) {
        if (weights[s] != weight) continue;
        int span = 1 << weight - 1;
        Arrays.fill(table.symbol, entry, entry + span, (short) s);
        Arrays.fill(table.bits, entry, entry + span, (byte) (log + 1 - weight));
        entry += span;
      }
    }
    return table;
  }
}
