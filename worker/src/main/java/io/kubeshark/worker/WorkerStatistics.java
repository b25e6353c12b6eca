package io.kubeshark.worker;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import java.util.List;

/**
 * Counters since start, all monotonic but {@code liveConnections}.
 *
 * @param packets that capture handed over
 * @param bytes their lengths on the wire
 * @param entries that were stored
 * @param drops packets that were lost before they could be dissected, one per reason; bytes 0 where unknown
 * @param ledger a copy: the node's, all connections included
 * @param endReason why no more entries will come ("the file is read to its end"), or null while capture goes on
 */
public record WorkerStatistics(long packets, long bytes, long entries, List<Drop> drops, int liveConnections, Ledger ledger, String endReason) {
  public record Drop(LedgerCode code, long packets, long bytes) {}
}
