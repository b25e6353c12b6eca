package io.kubeshark.worker;

import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.kfl.Filter;
import io.kubeshark.linux.ProcessMemory;
import io.kubeshark.render.PacketSummary;
import io.kubeshark.store.LogStats;
import io.kubeshark.store.Query;
import io.kubeshark.store.ScanResult;
import io.kubeshark.wire.LedgerCodec;
import io.kubeshark.wire.Records;
import io.kubeshark.wire.Wire;
import io.kubeshark.wire.proto.BlindSpot;
import io.kubeshark.wire.proto.EntryAnswer;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.GetConnection;
import io.kubeshark.wire.proto.GetEntry;
import io.kubeshark.wire.proto.GetPackets;
import io.kubeshark.wire.proto.GetStats;
import io.kubeshark.wire.proto.Layer;
import io.kubeshark.wire.proto.Packet;
import io.kubeshark.wire.proto.Packets;
import io.kubeshark.wire.proto.QueryResult;
import io.kubeshark.wire.proto.Stats;
import io.kubeshark.wire.proto.StoreCounts;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a worker answers, one question at a time. Sends by itself. */
final class Answers {
  static final int QUERY_LIMIT_MAX = 100_000;
  static final long QUERY_DEADLINE_NS = 10_000_000_000L;
  static final int PACKETS_MAX = 10_000;
  /** Frame bytes of one answer of packets: with everything around them they fit one WebSocket frame. */
  static final int PACKET_BYTES_MAX = 4 << 20;
  private static final long CONNECTION_WAIT_MS = 3000;

  private final WorkerSources sources;
  private final FrameSender sender;

  Answers(WorkerSources sources, FrameSender sender) {
    this.sources = sources;
    this.sender = sender;
  }

  void query(io.kubeshark.wire.proto.Query question, Filter filter) throws IOException {
    long from = question.getAfterSequence() + 1;
    long to = question.getBeforeSequence() == 0 ? Long.MAX_VALUE : question.getBeforeSequence() - 1;
    long fromNs = question.getFromNs() == 0 ? Long.MIN_VALUE : question.getFromNs();
    long toNs = question.getToNs() == 0 ? Long.MAX_VALUE : question.getToNs();
    int limit = Math.clamp(question.getLimit(), 0, QUERY_LIMIT_MAX);
    long deadline = System.currentTimeMillis() * 1_000_000 + QUERY_DEADLINE_NS;
    RecordFrames frames = new RecordFrames(question, limit);
    ScanResult result =
        sources.entries().scan(Query.ALL.sequences(from, to).times(fromNs, toNs).fromNewest().limited(limit + 1L).until(deadline).matching(filter::test), frames::add);
    if (frames.broken != null) throw frames.broken;
    frames.flush(true, frames.full || result.truncated());
  }

  /** Gathers matches into frames until the question's limits are reached. */
  private final class RecordFrames {
    private final io.kubeshark.wire.proto.Query question;
    private final int limit;
    private byte[] frame = new byte[Wire.FRAME_BYTES_WANTED];
    private int length;
    private int count;
    private long bytes;
    private boolean full;
    private IOException broken;

    RecordFrames(io.kubeshark.wire.proto.Query question, int limit) {
      this.question = question;
      this.limit = limit;
    }

    boolean add(EntryView entry) {
      full = count == limit || question.getBytesMax() > 0 && bytes >= question.getBytesMax();
      if (full) return false;
      try {
        if (length + entry.length() > frame.length) {
          flush(false, false);
          if (entry.length() > frame.length) frame = new byte[entry.length()];
        }
      } catch (IOException e) {
        broken = e;
        return false;
      }
      int copied = entry.length();
      if (question.getWithoutBodies()) copied = Records.copyWithoutBodies(entry, frame, length);
      else System.arraycopy(entry.array(), entry.offset(), frame, length, copied);
      length += copied;
      bytes += copied;
      count++;
      return true;
    }

    void flush(boolean done, boolean truncated) throws IOException {
      if (length == 0 && !done) return;
      sender.send(Envelope.newBuilder().setQueryResult(
          QueryResult.newBuilder().setId(question.getId()).setRecords(Records.wrap(frame, 0, length)).setDone(done).setTruncated(truncated)).build());
      length = 0;
    }
  }

  void entry(GetEntry question) throws IOException {
    byte[] record = sources.entries().get(question.getStream(), question.getIndex());
    answer(question.getId(), record, "the entry is no longer stored: entries are kept " + kept());
  }

  /** Without a time, the oldest go when the size is reached. */
  private String kept() {
    long seconds = sources.entryRetention().ttlNs() / 1_000_000_000;
    return seconds == 0 ? "until the store is full (--entries-size)" : seconds + " s (--entries-ttl)";
  }

  void connection(GetConnection question) throws IOException {
    answer(question.getId(), connection(question.getStream()), "the connection is over and its entry is no longer stored");
  }

  private void answer(long id, byte[] record, String missing) throws IOException {
    Envelope.Builder envelope = Envelope.newBuilder();
    if (record != null) envelope.setEntry(EntryAnswer.newBuilder().setId(id).setRecord(Records.wrap(record, 0, record.length)));
    else envelope.setFailed(Failed.newBuilder().setId(id).setCode("expired").setText(missing));
    sender.send(envelope.build());
  }

  /** Null where it is gone, or its thread does not answer in time. */
  private byte[] connection(long stream) {
    try {
      return sources.connection(stream).get(CONNECTION_WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  void packets(GetPackets question) throws IOException {
    if (sources.packets() == null) {
      sender.send(Envelope.newBuilder().setFailed(Failed.newBuilder().setId(question.getId()).setCode("unavailable").setText("packets are not kept")).build());
      return;
    }
    byte[] record = connection(question.getStream());
    EntryView connection = new EntryView();
    if (record == null || !connection.wrap(record, 0, record.length)) connection = null;
    PacketSummary summary = new PacketSummary(connection);
    int limit = Math.clamp(question.getLimit(), 1, PACKETS_MAX);
    Packets.Builder answer = Packets.newBuilder().setId(question.getId()).setTtlMs(sources.packetRetention().ttlNs() / 1_000_000);
    int[] bytes = {0};
    ScanResult result = sources.packets().packetsOf(question.getStream(), limit + 1L, (stream, end, array, offset, captured, wire, timeNs, linkType) -> {
      if (answer.getPacketsCount() == limit || bytes[0] + captured > PACKET_BYTES_MAX) {
        answer.setTruncated(true);
        return false;
      }
      bytes[0] += captured;
      summary.read(array, offset, captured, wire, linkType, end);
      Packet.Builder packet = Packet.newBuilder().setTimeNs(timeNs).setDirection(summary.fromClient() ? 0 : 1).setLinkType(linkType).setWireLength(wire)
          .setData(com.google.protobuf.ByteString.copyFrom(array, offset, captured)).setSummary(summary.text());
      for (PacketSummary.Layer layer : summary.layers()) {
        packet.addLayers(Layer.newBuilder().setName(layer.name()).setOffset(layer.offset()).setLength(layer.length()));
      }
      answer.addPackets(packet);
      return true;
    });
    if (result.truncated()) answer.setTruncated(true);
    long total = packetCount(connection);
    answer.setGone(total < 0 || answer.getTruncated() ? -1 : Math.max(0, total - answer.getPacketsCount()));
    sender.send(Envelope.newBuilder().setPackets(answer).build());
  }

  /** What the connection counts, or -1 where it is not known. */
  private long packetCount(EntryView connection) {
    ProtocolInfo protocol = connection == null ? null : sources.schema().protocol(connection.protocol());
    if (protocol == null) return -1;
    long sum = -1;
    for (FieldSpec field : protocol.fields()) {
      if (!field.name().equals("local_pkts") && !field.name().equals("remote_pkts")) continue;
      int at = connection.find(field);
      if (at >= 0) sum = Math.max(0, sum) + connection.intValue(at);
    }
    return sum;
  }

  void stats(GetStats question, int hubStreams) throws IOException {
    WorkerStatistics statistics = sources.statistics();
    WorkerCondition condition = sources.condition();
    LogStats entries = sources.entries().stats();
    LogStats packets = sources.packets() == null ? null : sources.packets().stats();
    Runtime runtime = Runtime.getRuntime();
    Stats.Builder stats = Stats.newBuilder().setId(question.getId()).setNowNs(System.currentTimeMillis() * 1_000_000)
        .setPackets(statistics.packets()).setBytes(statistics.bytes()).setEntries(statistics.entries())
        .setLiveConnections(statistics.liveConnections()).setLedger(LedgerCodec.encode(statistics.ledger()))
        .setTargetedPods(condition.targetedPods()).setKubeProblem(condition.kubeProblem()).setHubStreams(hubStreams)
        .setRssBytes(rssBytes()).setHeapBytes(runtime.totalMemory() - runtime.freeMemory())
        .setEndReason(statistics.endReason() == null ? "" : statistics.endReason())
        .setStore(StoreCounts.newBuilder().setEntries(entries.records()).setEntryBytes(entries.bytes()).setPacketBytes(packets == null ? 0 : packets.bytes())
            .setOldestNs(entries.oldestNs()).setNewestNs(entries.newestNs())
            .setEntriesTtlMs(sources.entryRetention().ttlNs() / 1_000_000).setPacketsTtlMs(sources.packetRetention().ttlNs() / 1_000_000));
    for (WorkerStatistics.Drop drop : statistics.drops()) stats.addDrops(LedgerCodec.account(drop.code(), drop.bytes(), drop.packets()));
    for (WorkerCondition.Blind blind : condition.blind()) {
      stats.addBlind(BlindSpot.newBuilder().setCode(blind.code()).setText(blind.text()).setRemedy(blind.remedy()));
    }
    sender.send(Envelope.newBuilder().setStats(stats).build());
  }

  /** 0 where it cannot be told. */
  static long rssBytes() {
    try {
      return ProcessMemory.residentBytes();
    } catch (IOException e) {
      return 0;
    }
  }
}
