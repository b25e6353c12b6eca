package io.kubeshark.worker;

import io.kubeshark.core.Schema;
import io.kubeshark.store.EntryBus;
import io.kubeshark.store.EntryStore;
import io.kubeshark.store.PacketStore;
import io.kubeshark.store.Retention;
import java.util.concurrent.CompletableFuture;

/** What a worker serves from: made by the pipeline, read by {@link WorkerServer}'s threads. Everything here may be called from any thread. */
public interface WorkerSources {
  WorkerIdentity identity();

  /** Differs from that of every other store: sequence numbers and connection numbers of one instance are not those of another. */
  default long instance() {
    return PROCESS;
  }

  /** For as long as a process has one store. */
  long PROCESS = new java.security.SecureRandom().nextLong() | 1;

  /** When that store began: epoch ms by the worker's clock, 0 where it is not known. What came before is nowhere. */
  default long storeBeganMs() {
    return 0;
  }

  Schema schema();

  /** Entries as they are stored, from now on. */
  EntryBus bus();

  EntryStore entries();

  /** How long and how much {@link #entries} keeps. */
  default Retention entryRetention() {
    return Retention.ENTRIES;
  }

  default Retention packetRetention() {
    return Retention.PACKETS;
  }

  /** Null where packets are not kept. */
  PacketStore packets();

  /**
   * The record ({@link io.kubeshark.core.EntryLayout}, kind CONNECTION) of a connection: a snapshot taken by its owner thread if it lives,
   * else the stored one. Completes with null if neither is there; it may take until the owner's next turn.
   */
  CompletableFuture<byte[]> connection(long stream);

  /** A consistent copy. Cheap enough for once a second. */
  WorkerStatistics statistics();

  /** What it is blind for. As cheap. */
  default WorkerCondition condition() {
    return WorkerCondition.NONE;
  }

  /** Entries with a private address that the cluster was not known to have; 0 where there is none. As cheap. */
  default long unnamedEntries() {
    return 0;
  }
}
