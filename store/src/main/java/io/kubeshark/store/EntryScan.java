package io.kubeshark.store;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.store.ScanResult.End;
import java.util.List;

/** One run of a query over a log: blocks by their index, then records by their headers, then the filter. */
final class EntryScan {
  private final SegmentLog log;
  private final Query query;
  private final EntryVisitor visitor;
  private final EntryView view = new EntryView();
  private long matched;
  private long entriesScanned;
  private long bytesScanned;
  private long lastSequence;
  private long gone;

  EntryScan(SegmentLog log, Query query, EntryVisitor visitor) {
    this.log = log;
    this.query = query;
    this.visitor = visitor;
  }

  ScanResult busy() {
    return result(Thread.currentThread().isInterrupted() ? End.INTERRUPTED : End.BUSY);
  }

  ScanResult run(ReadBuffers.Buffer buffer) {
    List<Block> blocks = log.blocks();
    try (BlockReader reader = new BlockReader(log, buffer)) {
      for (Block block : query.newestFirst() ? blocks.reversed() : blocks) {
        if (!wanted(block)) continue;
        if (bytesScanned > 0 && bytesScanned + block.length() > query.bytesScannedMax()) return result(End.BYTES);
        if (log.epochNs().getAsLong() >= query.deadlineNs()) return result(End.DEADLINE);
        End end = visit(reader, block);
        if (end != null) return result(end);
      }
    }
    return result(matched >= query.limit() ? End.LIMIT : End.COMPLETE);
  }

  private ScanResult result(End end) {
    return new ScanResult(end, matched, entriesScanned, bytesScanned, lastSequence, gone);
  }

  private boolean wanted(Block block) {
    return block.lastSequence() >= query.fromSequence() && block.firstSequence() <= query.toSequence()
        && block.maxNs() >= query.fromNs() && block.minNs() < query.toNs() && !log.hidden(block.writtenNs());
  }

  /** @return why the scan ends here, or null: it goes on */
  private End visit(BlockReader reader, Block block) {
    if (!reader.load(block)) {
      if (Thread.currentThread().isInterrupted()) return End.INTERRUPTED;
      gone += block.count();
      return null;
    }
    bytesScanned += block.length();
    byte[] array = reader.array();
    int records = reader.records();
    for (int i = 0; i < records; i++) {
      int at = reader.offset(query.newestFirst() ? records - 1 - i : i);
      long sequence = LittleEndian.i64(array, at + EntryLayout.SEQUENCE);
      if (sequence < query.fromSequence() || sequence > query.toSequence()) continue;
      if (matched >= query.limit()) return End.LIMIT;
      entriesScanned++;
      lastSequence = sequence;
      long startNs = LittleEndian.i64(array, at + EntryLayout.START_NS);
      if (startNs < query.fromNs() || startNs >= query.toNs()) continue;
      if (!view.wrap(array, at, LittleEndian.i32(array, at)) || !query.filter().test(view)) continue;
      matched++;
      if (!visitor.onEntry(view)) return End.STOPPED;
    }
    return null;
  }
}
