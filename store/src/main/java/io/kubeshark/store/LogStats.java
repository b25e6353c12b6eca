package io.kubeshark.store;

/**
 * What a log holds and what left it.
 *
 * @param records on disk; those older than the TTL are hidden from readers until their segment goes
 * @param bytes of its files
 * @param oldestNs least time of a record, 0 when empty
 * @param newestNs greatest time of a record, 0 when empty
 * @param ttl dropped by age
 * @param size dropped because of {@link Retention#bytesMax}
 * @param fullDisk dropped to make room on a full disk
 * @param failed never stored: the disk refused them ({@link io.kubeshark.core.LedgerCode#STORE_FAILED}); record bytes
 * @param cutBytes torn or corrupt bytes that recovery cut from ends of files
 * @param corruptFrames frames and blocks that readers found damaged or unreadable, and skipped
 * @param indexBytes memory of the index, about
 */
public record LogStats(
    long records, long bytes, long oldestNs, long newestNs, int segments, long firstSequence, long lastSequence, Count ttl, Count size,
    Count fullDisk, Count failed, long cutBytes, long corruptFrames, long indexBytes) {

  public record Count(long records, long bytes) {
    static final Count NONE = new Count(0, 0);

    Count plus(long moreRecords, long moreBytes) {
      return new Count(records + moreRecords, bytes + moreBytes);
    }
  }
}
