package io.kubeshark.core;

/** Names of addresses, with history: an address that is used again never renames what it was before. Any thread. */
public interface IdentityTable {
  /** For where there is no cluster. */
  IdentityTable NONE = (_, _, _, _) -> null;

  /**
   * @param ip array that holds 16 bytes from {@code offset} on, IPv4 as ::ffff:a.b.c.d ({@link EntryLayout#SRC_IP})
   * @param port where it is called; 0: it calls, from whichever
   * @param timeNs epoch
   * @return null: not known (yet)
   */
  Identity find(byte[] ip, int offset, int port, long timeNs);
}
