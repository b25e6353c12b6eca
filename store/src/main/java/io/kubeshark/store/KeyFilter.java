package io.kubeshark.store;

/**
 * Says of a block which connections are certainly not in it (a Bloom filter with three probes), so that the records of one connection
 * are found without reading the whole store.
 *
 * <p>It fills at the greatest size, then is folded by halves to {@value #BITS_PER_KEY} bits a key or up to twice that: one false answer in 200 at
 * most, unless a block holds more than {@value #BITS_MAX} / {@value #BITS_PER_KEY} connections (then up to every third).
 */
final class KeyFilter {
  static final int BITS_MAX = 1 << 15;
  private static final int BITS_MIN = 1 << 7;
  private static final int BITS_PER_KEY = 16;

  private final long[] words;
  private final int mask;
  private int distinct;

  KeyFilter() {
    this(BITS_MAX);
  }

  private KeyFilter(int bits) {
    words = new long[bits >> 6];
    mask = bits - 1;
  }

  void add(long key) {
    long hash = mix(key);
    // Not |: all three must be set whatever the first one was.
    if (set((int) hash) | set((int) (hash >>> 20)) | set((int) (hash >>> 40))) distinct++;
  }

  boolean mayContain(long key) {
    long hash = mix(key);
    return isSet((int) hash) && isSet((int) (hash >>> 20)) && isSet((int) (hash >>> 40));
  }

  /** A copy as small as its keys allow. A bit's place in it is its place here, modulo the size. */
  KeyFilter folded() {
    int bits = BITS_MIN;
    while (bits < words.length << 6 && bits < (long) distinct * BITS_PER_KEY) bits <<= 1;
    KeyFilter folded = new KeyFilter(bits);
    for (int i = 0; i < words.length; i++) folded.words[i & folded.words.length - 1] |= words[i];
    folded.distinct = distinct;
    return folded;
  }

  void clear() {
    java.util.Arrays.fill(words, 0);
    distinct = 0;
  }

  int bytes() {
    return words.length << 3;
  }

  private boolean set(int bit) {
    int word = (bit & mask) >> 6;
    long before = words[word];
    words[word] = before | 1L << bit;
    return before != words[word];
  }

  private boolean isSet(int bit) {
    return (words[(bit & mask) >> 6] & 1L << bit) != 0;
  }

  /** The finalizer of SplitMix64: connection numbers are consecutive, their hashes must not be. */
  private static long mix(long key) {
    long z = key + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
