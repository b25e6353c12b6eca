package io.kubeshark.worker;

import io.kubeshark.capture.PcapNgWriter;
import io.kubeshark.kfl.Filter;
import io.kubeshark.store.PacketQuery;
import io.kubeshark.store.Query;
import io.kubeshark.store.ScanResult;
import io.kubeshark.wire.Records;
import io.kubeshark.wire.Wire;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.GetPcap;
import io.kubeshark.wire.proto.PcapChunk;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * One {@code GetPcap}: chosen packets go to a file first, at the disk's speed, then to the hub, at its: what is chosen stays, though a slow
 * reader takes longer than the store keeps it, and holds none of the store's readers.
 */
final class PcapAnswer {
  private static final int CHUNK_BYTES_MIN = 4096;

  private final WorkerSources sources;
  private final FrameSender sender;
  private final GetPcap question;
  private final Filter filter;
  private final SpoolBudget budget;
  private final List<String> missing = new ArrayList<>();
  // Guarded by this.
  private long credit;
  private boolean stopped;

  /** @param filter null: none */
  PcapAnswer(WorkerSources sources, FrameSender sender, GetPcap question, Filter filter, SpoolBudget budget) {
    this.sources = sources;
    this.sender = sender;
    this.question = question;
    this.filter = filter;
    this.budget = budget;
    this.credit = question.getCreditBytes();
  }

  synchronized void grant(long bytes) {
    credit += bytes;
    notifyAll();
  }

  /** Nobody reads any more. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  private synchronized boolean stopped() {
    return stopped;
  }

  private synchronized void awaitCredit(int bytes) throws IOException {
    try {
      while (question.getCreditBytes() > 0 && credit < bytes && !stopped) wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    }
    if (stopped) throw new IOException("the hub's connection ended");
    credit -= bytes;
  }

  void run() throws IOException {
    if (sources.packets() == null) {
      failed("packets are not kept");
      return;
    }
    if (!budget.begin()) {
      failed("this worker makes " + SpoolBudget.FILES_MAX + " files of packets already: try again");
      return;
    }
    try (PacketSpool spool = new PacketSpool(budget)) {
      choose(spool);
      send(spool);
      PcapChunk.Builder end = PcapChunk.newBuilder().setId(question.getId()).setDone(true).setPackets((int) Math.min(Integer.MAX_VALUE, spool.count()));
      sender.send(Envelope.newBuilder().setPcapChunk(end.addAllMissing(missing)).build());
    } catch (UncheckedIOException disk) {
      failed(disk.getMessage());
    } finally {
      budget.end();
    }
  }

  private void failed(String why) throws IOException {
    sender.send(Envelope.newBuilder().setFailed(Failed.newBuilder().setId(question.getId()).setCode("unavailable").setText(why)).build());
  }

  private void choose(PacketSpool spool) {
    LongPredicate wanted = filter == null ? _ -> true : matching();
    long to = question.getToNs() == 0 ? Long.MAX_VALUE : question.getToNs();
    PacketQuery query = PacketQuery.ALL.times(question.getFromNs() == 0 ? Long.MIN_VALUE : question.getFromNs(), to);
    if (!question.getAll()) query = query.connection(question.getStream());
    if (!sources.packets().flush()) missing.add("packets of the last second that were not written yet");
    ScanResult result = sources.packets().scan(query, (stream, _, array, offset, captured, wire, timeNs, linkType) -> {
      if (wanted.test(stream)) spool.add(array, offset, captured, wire, timeNs, linkType);
      return !stopped();
    });
    spool.end();
    if (result.gone() > 0) missing.add(result.gone() + " packets that the store dropped while they were read");
    if (result.truncated()) missing.add("packets that were not looked at: the scan ended with " + result.end());
    if (spool.shed() > 0) missing.add(spool.shed() + " packets over what all files at once may take of the disk: choose fewer by time or filter");
  }

  /** Connections that have an entry that matches. */
  private LongPredicate matching() {
    LongSet streams = new LongSet();
    ScanResult result = sources.entries().scan(Query.ALL.fromNewest().matching(filter::test), entry -> streams.add(entry.stream()) && !stopped());
    if (streams.full()) missing.add("connections before the newest " + LongSet.SIZE_MAX + ": choose fewer by the filter");
    if (result.gone() > 0) missing.add("connections of " + result.gone() + " entries that the store dropped while they were read");
    if (result.truncated()) missing.add("connections of entries that were not looked at: the scan ended with " + result.end());
    return streams::contains;
  }

  private void send(PacketSpool spool) throws IOException {
    WorkerIdentity identity = sources.identity();
    String what = question.getAll() ? "" : ", connection " + identity.worker() + "/" + question.getStream();
    try (PcapNgWriter writer = new PcapNgWriter(new Chunks(), "kubeshark " + identity.version() + what + " on " + identity.node())) {
      spool.forEach(writer::write);
    }
  }

  /** Gathers bytes into frames. */
  private final class Chunks extends OutputStream {
    /** Half of the credit: while one is read, the next is on its way. */
    private final byte[] chunk = new byte[question.getCreditBytes() == 0 ? Wire.FRAME_BYTES_WANTED
        : (int) Math.clamp(question.getCreditBytes() / 2, CHUNK_BYTES_MIN, Wire.FRAME_BYTES_WANTED)];
    private int length;

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] array, int offset, int count) throws IOException {
      for (int done = 0; done < count; ) {
        int copied = Math.min(count - done, chunk.length - length);
        System.arraycopy(array, offset + done, chunk, length, copied);
        done += copied;
        length += copied;
        if (length == chunk.length) flush();
      }
    }

    @Override
    public void flush() throws IOException {
      if (length == 0) return;
      awaitCredit(length);
      sender.send(Envelope.newBuilder().setPcapChunk(PcapChunk.newBuilder().setId(question.getId()).setData(Records.wrap(chunk, 0, length))).build());
      length = 0;
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
