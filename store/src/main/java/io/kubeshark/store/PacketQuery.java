package io.kubeshark.store;

/**
 * Which packets.
 *
 * @param connectionId {@link #ANY}: of all connections and of none
 * @param fromNs packets of this time or later (epoch ns)
 * @param toNs packets before this time
 * @param limit packets at most
 * @param deadlineNs by the store's clock, checked once a block (1 MiB)
 * @param bytesScannedMax bytes read from disk at most, but one block at least
 */
public record PacketQuery(long connectionId, long fromNs, long toNs, long limit, long deadlineNs, long bytesScannedMax) {
  public static final long ANY = Long.MIN_VALUE;
  public static final PacketQuery ALL = new PacketQuery(ANY, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

  public PacketQuery connection(long id) {
    return new PacketQuery(id, fromNs, toNs, limit, deadlineNs, bytesScannedMax);
  }

  public PacketQuery times(long from, long to) {
    return new PacketQuery(connectionId, from, to, limit, deadlineNs, bytesScannedMax);
  }

  public PacketQuery limited(long packetsMax) {
    return new PacketQuery(connectionId, fromNs, toNs, packetsMax, deadlineNs, bytesScannedMax);
  }

  public PacketQuery until(long deadline) {
    return new PacketQuery(connectionId, fromNs, toNs, limit, deadline, bytesScannedMax);
  }

  public PacketQuery scanning(long bytesMax) {
    return new PacketQuery(connectionId, fromNs, toNs, limit, deadlineNs, bytesMax);
  }

  boolean wants(Block block) {
    return block.maxNs() >= fromNs && block.minNs() < toNs && (connectionId == ANY || block.mayContain(connectionId));
  }

  boolean wants(long id, long timeNs) {
    return (connectionId == ANY || connectionId == id) && timeNs >= fromNs && timeNs < toNs;
  }
}
