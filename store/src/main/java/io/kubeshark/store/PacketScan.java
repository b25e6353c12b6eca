package io.kubeshark.store;

import io.kubeshark.store.ScanResult.End;

/** One run of a query over the packets. */
final class PacketScan {
  private final SegmentLog log;
  private final PacketQuery query;
  private final PacketVisitor visitor;
  private long matched;
  private long packetsScanned;
  private long bytesScanned;
  private long gone;

  PacketScan(SegmentLog log, PacketQuery query, PacketVisitor visitor) {
    this.log = log;
    this.query = query;
    this.visitor = visitor;
  }

  ScanResult result(End end) {
    return new ScanResult(end, matched, packetsScanned, bytesScanned, 0, gone);
  }

  ScanResult run(ReadBuffers.Buffer buffer) {
    try (BlockReader reader = new BlockReader(log, buffer)) {
      for (Block block : log.blocks()) {
        if (!query.wants(block) || log.hidden(block.writtenNs())) continue;
        if (bytesScanned > 0 && bytesScanned + block.length() > query.bytesScannedMax()) return result(End.BYTES);
        if (log.epochNs().getAsLong() >= query.deadlineNs()) return result(End.DEADLINE);
        End end = visit(reader, block);
        if (end != null) return result(end);
      }
    }
    return result(matched >= query.limit() ? End.LIMIT : End.COMPLETE);
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
      int at = reader.offset(i);
      long id = LittleEndian.i64(array, at + PacketLayout.CONNECTION);
      long timeNs = LittleEndian.i64(array, at + PacketLayout.TIME_NS);
      packetsScanned++;
      if (!query.wants(id, timeNs)) continue;
      if (matched >= query.limit()) return End.LIMIT;
      matched++;
      boolean more = visitor.onPacket(
          id, array[at + PacketLayout.END], array, at + PacketLayout.HEADER_LENGTH,
          LittleEndian.i32(array, at) - PacketLayout.HEADER_LENGTH, LittleEndian.i32(array, at + PacketLayout.WIRE_LENGTH), timeNs,
          LittleEndian.u16(array, at + PacketLayout.LINK_TYPE));
      if (!more) return End.STOPPED;
    }
    return null;
  }
}
