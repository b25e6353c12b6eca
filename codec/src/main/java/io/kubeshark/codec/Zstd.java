package io.kubeshark.codec;

/**
 * Zstandard frames (RFC 8878), decoded in plain Java: the pure-Java libraries read through sun.misc.Unsafe, which Java 25 warns about and
 * which makes damaged input a matter of memory safety. The output is its own window, so memory is bounded by the output's limit.
 *
 * <pre>
 *   frame := magic fd2fb528, header (descriptor, window?, dictionary id?, content size?), blocks, checksum?
 *   block := u24 (bit 0 last, bits 1–2 type, size), content
 *   compressed block := literals section, sequences section (read backwards from the block's end)
 * </pre>
 *
 * A compressed block is readable only whole, so cut data yields the blocks before the cut. Checksums are not verified.
 */
final class Zstd {
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE_MAGIC = 0x184d2a50;
  private static final int BLOCK_BYTES_MAX = 128 << 10;
  private static final int[] LITERAL_BASE = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768,
        65536};
  private static final byte[] LITERAL_BITS = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  private static final int[] MATCH_BASE = {
    3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 37, 39, 41, 43, 47,
        51, 59, 67,
    83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539};
  private static final byte[] MATCH_BITS = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11,
        12, 13,
    14, 15, 16};
  private static final ZstdTable LITERAL_DEFAULT = ZstdTable.fse(6, new short[] {
    4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1}, 36);
  private static final ZstdTable OFFSET_DEFAULT = ZstdTable.fse(5, new short[] {
    1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}, 29);
  private static final ZstdTable MATCH_DEFAULT = ZstdTable.fse(6, new short[] {
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1,
        -1, -1,
    -1, -1, -1}, 53);

  /** Bytes that break the format. Never leaves this package. */
  static final class Damaged extends RuntimeException {
    Damaged(String message) {
      super(message, null, false, false);
    }
  }

  private final byte[] array;
  private final Output output;
  private int at;
  private final int end;
  private int frameStart;

  private ZstdTable huffman;
  private ZstdTable literalLengths;
  private ZstdTable offsets;
  private ZstdTable matchLengths;
  private final int[] recent = new int[3];
  private byte[] literals = new byte[0];
  private int literalCount;

  private Zstd(byte[] array, int offset, int length, Output output) {
    this.array = array;
    this.at = offset;
    this.end = offset + length;
    this.output = output;
  }

  /** @return why the output ends early, or null */
  static String decode(byte[] array, int offset, int length, Output output) {
    try {
      return new Zstd(array, offset, length, output).frames() ? null : BodyDecoder.cut("zstd", length);
    } catch (Damaged e) {
      return e.getMessage();
    } catch (IndexOutOfBoundsException e) {
      return "the zstd data is damaged after " + output.length + " decoded bytes";
    }
  }

  /** @return false when the input ends inside a frame */
  private boolean frames() {
    boolean first = true;
    while (at < end && !output.full) {
      if (end - at < 4) return false;
      int magic = (int) little(at, 4);
      if ((magic & 0xfffffff0) == SKIPPABLE_MAGIC) {
        if (end - at < 8) return false;
        long next = at + 8 + little(at + 4, 4);
        if (next > end) return false;
        at = (int) next;
        continue;
      }
      if (magic != MAGIC) throw new Damaged(first ? "not zstd data" : (end - at) + " bytes after the end of the zstd data are not shown");
      first = false;
      if (!frame()) return false;
    }
    return true;
  }

  private boolean frame() {
    if (end - at < 6) return false;
    int descriptor = array[at + 4] & 0xff;
    boolean singleSegment = (descriptor & 0x20) != 0;
    int dictionaryBytes = (1 << (descriptor & 3)) >> 1;
    int sizeBytes = descriptor >> 6 == 0 ? singleSegment ? 1 : 0 : 1 << (descriptor >> 6);
    int dictionaryAt = at + (singleSegment ? 5 : 6);
    if (dictionaryAt + dictionaryBytes + sizeBytes > end) return false;
    if (little(dictionaryAt, dictionaryBytes) != 0) throw new Damaged("the zstd data needs a dictionary");
    at = dictionaryAt + dictionaryBytes + sizeBytes;
    frameStart = output.length;
    huffman = literalLengths = offsets = matchLengths = null;
    recent[0] = 1;
    recent[1] = 4;
    recent[2] = 8;
    while (!output.full) {
      if (end - at < 3) return false;
      int header = (int) little(at, 3);
      at += 3;
      if (!block(header >> 1 & 3, header >>> 3)) return false;
      if ((header & 1) != 0) {
        at += (descriptor & 4) != 0 ? 4 : 0;
        return at <= end;
      }
    }
    return true;
  }

  private boolean block(int type, int size) {
    if (type == 1) {
      if (at >= end) return false;
      output.fill(array[at++], size);
      return true;
    }
    if (type == 3 || size > BLOCK_BYTES_MAX) throw new Damaged("the zstd data is damaged: block type or size");
    int available = Math.min(size, end - at);
    if (type == 0) {
      output.write(array, at, available);
      at += available;
      return available == size;
    }
    if (available < size) return false;
    compressedBlock(at, at + size);
    at += size;
    return true;
  }

  private void compressedBlock(int from, int to) {
    int p = literals(from, to);
    if (p >= to) throw new Damaged("the zstd data is damaged: no sequences section");
    int count = array[p++] & 0xff;
    if (count >= 128) {
      if (count == 255) {
        count = (int) little(p, 2) + 0x7f00;
        p += 2;
      } else {
        count = (count - 128 << 8) + (array[p++] & 0xff);
      }
    }
    if (count == 0) {
      output.write(literals, 0, literalCount);
      return;
    }
    int modes = array[p++] & 0xff;
    int[] position = {p};
    literalLengths = table(modes >> 6 & 3, position, to, LITERAL_DEFAULT, literalLengths, 9, 35);
    offsets = table(modes >> 4 & 3, position, to, OFFSET_DEFAULT, offsets, 8, 31);
    matchLengths = table(modes >> 2 & 3, position, to, MATCH_DEFAULT, matchLengths, 9, 52);
    sequences(count, position[0], to);
  }

  private ZstdTable table(int mode, int[] position, int to, ZstdTable predefined, ZstdTable previous, int logMax, int symbolMax) {
    if (mode == 0) return predefined;
    if (mode == 1) {
      int symbol = array[position[0]++] & 0xff;
      if (symbol > symbolMax) throw new Damaged("the zstd data is damaged: symbol");
      return ZstdTable.constant(symbol);
    }
    if (mode == 2) return ZstdTable.readFse(array, position, to, logMax, symbolMax);
    if (previous == null) throw new Damaged("the zstd data is damaged: no table to repeat");
    return previous;
  }

  private void sequences(int count, int from, int to) {
    ZstdBits bits = new ZstdBits(array, from, to);
    int literalState = bits.read(literalLengths.log);
    int offsetState = bits.read(offsets.log);
    int matchState = bits.read(matchLengths.log);
    int literalAt = 0;
    for (int i = 0; i < count && !output.full; i++) {
      int offsetCode = offsets.symbol[offsetState];
      int matchCode = matchLengths.symbol[matchState];
      int literalCode = literalLengths.symbol[literalState];
      long offsetValue = (1L << offsetCode) + bits.readLong(offsetCode);
      int matchLength = MATCH_BASE[matchCode] + bits.read(MATCH_BITS[matchCode]);
      int literalLength = LITERAL_BASE[literalCode] + bits.read(LITERAL_BITS[literalCode]);
      if (i + 1 < count) {
        literalState = literalLengths.base[literalState] + bits.read(literalLengths.bits[literalState]);
        matchState = matchLengths.base[matchState] + bits.read(matchLengths.bits[matchState]);
        offsetState = offsets.base[offsetState] + bits.read(offsets.bits[offsetState]);
      }
      int distance = distance(offsetValue, literalLength);
      if (bits.overrun() || literalAt + literalLength > literalCount) throw new Damaged("the zstd data is damaged: sequence");
      output.write(literals, literalAt, literalLength);
      literalAt += literalLength;
      if (distance <= 0 || distance > output.length - frameStart) {
        if (output.full) return;
        throw new Damaged("the zstd data is damaged: distance");
      }
      output.repeat(distance, matchLength);
    }
    if (!output.full) output.write(literals, literalAt, literalCount - literalAt);
  }

  /** Values 1–3 repeat one of the last three distances (section 3.1.1.5). */
  private int distance(long value, int literalLength) {
    if (value > 3) {
      recent[2] = recent[1];
      recent[1] = recent[0];
      return recent[0] = (int) Math.min(value - 3, Integer.MAX_VALUE);
    }
    int index = (int) value - 1 + (literalLength == 0 ? 1 : 0);
    if (index == 0) return recent[0];
    int distance = index < 3 ? recent[index] : recent[0] - 1;
    if (index > 1) recent[2] = recent[1];
    recent[1] = recent[0];
    return recent[0] = distance;
  }

  /** Fills {@link #literals}. @return where the sequences section begins */
  private int literals(int from, int to) {
    int type = array[from] & 3;
    int format = array[from] >> 2 & 3;
    if (type < 2) {
      int headerBytes = (format & 1) == 0 ? 1 : format == 1 ? 2 : 3;
      literalCount = (int) little(from, headerBytes) >>> (headerBytes == 1 ? 3 : 4);
      roomForLiterals();
      int p = from + headerBytes;
      if (type == 1) {
        java.util.Arrays.fill(literals, 0, literalCount, array[p]);
        return p + 1;
      }
      if (p + literalCount > to) throw new Damaged("the zstd data is damaged: literals");
      System.arraycopy(array, p, literals, 0, literalCount);
      return p + literalCount;
    }
    int headerBytes = format < 2 ? 3 : format + 2;
    int sizeBits = format < 2 ? 10 : format == 2 ? 14 : 18;
    long header = little(from, headerBytes) >>> 4;
    literalCount = (int) (header & (1 << sizeBits) - 1);
    int compressed = (int) (header >>> sizeBits);
    roomForLiterals();
    int[] position = {from + headerBytes};
    int literalsEnd = position[0] + compressed;
    if (literalsEnd > to) throw new Damaged("the zstd data is damaged: literals");
    if (type == 2) huffman = ZstdTable.readHuffman(array, position, literalsEnd);
    if (huffman == null) throw new Damaged("the zstd data is damaged: no Huffman table to repeat");
    int p = position[0];
    if (format == 0) {
      huffmanStream(p, literalsEnd, 0, literalCount);
      return literalsEnd;
    }
    int quarter = (literalCount + 3) / 4;
    int streamAt = p + 6;
    for (int i = 0; i < 4; i++) {
      int streamEnd = i == 3 ? literalsEnd : streamAt + (int) little(p + 2 * i, 2);
      if (streamEnd > literalsEnd) throw new Damaged("the zstd data is damaged: literals");
      huffmanStream(streamAt, streamEnd, i * quarter, i == 3 ? literalCount : (i + 1) * quarter);
      streamAt = streamEnd;
    }
    return literalsEnd;
  }

  private void roomForLiterals() {
    if (literalCount > BLOCK_BYTES_MAX) throw new Damaged("the zstd data is damaged: literals");
    if (literals.length < literalCount) literals = new byte[literalCount];
  }

  private void huffmanStream(int from, int to, int target, int targetEnd) {
    if (targetEnd > literalCount || target > targetEnd) throw new Damaged("the zstd data is damaged: literals");
    ZstdBits bits = new ZstdBits(array, from, to);
    for (int i = target; i < targetEnd; i++) {
      int entry = bits.peek(huffman.log);
      literals[i] = (byte) huffman.symbol[entry];
      bits.skip(huffman.bits[entry]);
    }
    if (bits.overrun()) throw new Damaged("the zstd data is damaged: literals");
  }

  private long little(int from, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) value |= (array[from + i] & 0xffL) << 8 * i;
    return value;
  }
}
