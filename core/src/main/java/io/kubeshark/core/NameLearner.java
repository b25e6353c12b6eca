package io.kubeshark.core;

/** Takes names of addresses as they are seen on the wire: DNS answers. Any thread. */
public interface NameLearner {
  /** For where nobody asks. */
  NameLearner NONE = (_, _, _, _, _) -> {};

  /**
   * @param ip array that holds 16 bytes from {@code offset} on, IPv4 as ::ffff:a.b.c.d; valid only during the call
   * @param name that was asked for, without the dot at its end
   * @param timeNs epoch, when it was asked
   * @param ttlNs how long the answer may be kept, as its server said; connections outlive it
   */
  void learn(byte[] ip, int offset, String name, long timeNs, long ttlNs);
}
