package io.kubeshark.worker;

import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.reassembly.ReassemblyLimits;

/**
 * What one pipeline thread may hold, so that the heap is enough for all of them whatever comes over the wire. The stages' own defaults
 * are what is useful; this is what is there.
 *
 * <pre>
 *   heap | a quarter: room for the collector | program, store's batches | connections 45 % | messages 30 % | segments 20 % | fragments 5 % |
 * </pre>
 */
public record HeapShares(ReassemblyLimits limits, DissectOptions dissect) {
  /** Classes, caches, the store's batches (16 MiB), answers to who looks. */
  private static final long PROGRAM_BYTES = 40L << 20;
  private static final long LEAST_BYTES = 8L << 20;
  /** A connection with all that the stages keep of it while it is idle, measured: 2.0 KiB after a handshake, 2.7 KiB after HTTP. */
  private static final int CONNECTION_BYTES = 2800;

  /** Of the heap that this program has. */
  public static HeapShares of(int threads) {
    return of(Runtime.getRuntime().maxMemory(), threads);
  }

  static HeapShares of(long heapBytes, int threads) {
    long bytes = Math.max(LEAST_BYTES, heapBytes / 4 * 3 - PROGRAM_BYTES) / threads;
    ReassemblyLimits most = ReassemblyLimits.DEFAULT;
    ReassemblyLimits limits = most
        .withConnections((int) Math.min(most.connections(), bytes * 45 / 100 / CONNECTION_BYTES))
        .withBufferedBytes(Math.min(most.bufferedBytes(), bytes * 20 / 100))
        .withFragmentBytes(Math.min(most.fragmentBytes(), bytes * 5 / 100));
    DissectOptions options = DissectOptions.DEFAULT;
    long budget = Math.min(options.budgetBytes(), bytes * 30 / 100);
    return new HeapShares(limits, new DissectOptions(options.bodyBytesMax(), options.messageBytesMax(), options.streamBytesMax(), budget));
  }
}
