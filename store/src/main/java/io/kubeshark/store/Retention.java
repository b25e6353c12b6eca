package io.kubeshark.store;

import java.time.Duration;

/**
 * How long and how much a log keeps.
 *
 * @param ttlNs records written longer ago are gone, exactly for readers, and from disk when the youngest of their segment is; 0: no limit
 * @param bytesMax bytes on disk, never passed; the oldest segment goes first
 * @param segmentBytesMax a segment file's size. Smaller where needed for {@link #SEGMENTS_MIN} segments in {@code bytesMax}.
 */
public record Retention(long ttlNs, long bytesMax, int segmentBytesMax) {
  /** So that eviction, which drops whole segments, drops at most about an eighth at a time. */
  public static final int SEGMENTS_MIN = 8;
  public static final int SEGMENT_BYTES_MAX = 64 << 20;
  public static final int SEGMENT_BYTES_MIN = 64 << 10;

  /** Entries: {@code tap.misc.jsonTTL}, {@code tap.capture.dbMaxSize}. */
  public static final Retention ENTRIES = new Retention(Duration.ofMinutes(5).toNanos(), 500L << 20, SEGMENT_BYTES_MAX);
  /** Packets: {@code tap.misc.pcapTTL}. */
  public static final Retention PACKETS = new Retention(Duration.ofSeconds(10).toNanos(), 512L << 20, 32 << 20);

  public Retention {
    if (ttlNs < 0) throw new IllegalArgumentException("ttlNs " + ttlNs + ": at least 0 (0: no limit)");
    if (bytesMax < SEGMENT_BYTES_MIN) throw new IllegalArgumentException("bytesMax " + bytesMax + ": at least " + SEGMENT_BYTES_MIN);
    if (segmentBytesMax < SEGMENT_BYTES_MIN) {
      throw new IllegalArgumentException("segmentBytesMax " + segmentBytesMax + ": at least " + SEGMENT_BYTES_MIN);
    }
  }

  public Retention withTtl(Duration ttl) {
    return new Retention(ttl.toNanos(), bytesMax, segmentBytesMax);
  }

  public Retention withBytesMax(long bytes) {
    return new Retention(ttlNs, bytes, segmentBytesMax);
  }

  boolean expired(long writtenNs, long nowNs) {
    return ttlNs > 0 && nowNs - writtenNs >= ttlNs;
  }

  /** Age at which a segment gets no more frames, so that a slow trickle leaves by TTL in eighths too. */
  long segmentAgeNsMax() {
    return ttlNs == 0 ? Long.MAX_VALUE : Math.max(1, ttlNs / SEGMENTS_MIN);
  }

  /** Segment size when this many bytes are to be had. */
  int segmentBytes(long bytesAvailable) {
    long eighth = Math.min(bytesMax, bytesAvailable) / SEGMENTS_MIN;
    return (int) Math.max(SEGMENT_BYTES_MIN, Math.min(segmentBytesMax, eighth));
  }
}
