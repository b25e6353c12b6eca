package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.capture.CaptureStatistics;
import io.kubeshark.capture.PacketSource;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.core.PacketTap;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.reassembly.ReassemblyLimits;
import io.kubeshark.store.Retention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How workers end: by their sources, by failures of any kind, by whoever closes them; and that nobody waits for an answer in vain. */
class WorkerLifeTest {
  private static final long START_NS = 1_700_000_000_000_000_000L;
  private static final byte[] QUERY = HexFormat.of().parseHex("123401000001000000000000037777770765786d61706c6503636f6d0000010001");
  private static final long PATIENCE_S = 60;

  @TempDir Path directory;

  /** Hands over one DNS query, then does as told. */
  private static class Source implements PacketSource {
    private final int number;
    private int polls;
    final CountDownLatch closed = new CountDownLatch(1);
    final CountDownLatch handedOver = new CountDownLatch(1);

    Source(int number) {
      this.number = number;
    }

    @Override
    public int poll(PacketHandler handler, int timeoutMs) throws IOException {
      if (polls++ == 0) {
        byte[] frame = frame(number);
        handler.onPacket(frame, 0, frame.length, frame.length, START_NS, LinkType.ETHERNET, 1, -1, 0);
        handedOver.countDown();
        return 1;
      }
      return then();
    }

    int then() throws IOException {
      return END;
    }

    @Override
    public CaptureStatistics statistics() {
      return new CaptureStatistics(Math.min(1, polls), 0, 0, 0, List.of());
    }

    @Override
    public List<String> notes() {
      return List.of();
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  /** Waits until it is closed, as a capture on a quiet interface does. */
  private static final class Quiet extends Source {
    Quiet(int number) {
      super(number);
    }

    @Override
    int then() {
      try {
        return closed.await(20, TimeUnit.MILLISECONDS) ? END : 0;
      } catch (InterruptedException e) {
        return END;
      }
    }
  }

  private static boolean handedOver(Source source) {
    try {
      return source.handedOver.await(PATIENCE_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static byte[] frame(int number) {
    ByteBuffer out = ByteBuffer.allocate(14 + 20 + 8 + QUERY.length);
    out.putLong(0).putInt(0).putShort((short) 0x0800);
    out.put((byte) 0x45).put((byte) 0).putShort((short) (28 + QUERY.length)).putInt(0).put((byte) 64).put((byte) 17).putShort((short) 0);
    out.putInt(0x0a000001 + number).putInt(0x0a0000ff).putShort((short) 40_000).putShort((short) 53).putShort((short) (8 + QUERY.length));
    return out.putShort((short) 0).put(QUERY).array();
  }

  private Worker worker(boolean live, Source... sources) throws IOException {
    WorkerOptions options = new WorkerOptions(new WorkerIdentity("w", "n", "", "1", "test", "test"), live, directory, null,
        Retention.ENTRIES, Retention.PACKETS, DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT);
    return new Worker(options, Protocols.installed(), List.of(sources), ConnectionPolicy.ALL, (protocol, connection, failure, reproducer) -> {
      throw new AssertionError(failure);
    }, () -> START_NS);
  }

  private static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE_S, TimeUnit.SECONDS);
  }

  @Test
  void whatAFileHeldCanBeAskedForAfterItsEnd() throws Exception {
    try (Worker worker = worker(false, new Source(1))) {
      worker.start();
      assertThat(soon(worker.ended())).contains("end");
      assertThat(worker.statistics().entries()).as("query and flow").isEqualTo(2);
      assertThat(soon(worker.connection(1))).as("from the store").isNotNull();
      List<Integer> packets = new ArrayList<>();
      worker.packets().packetsOf(1, 10, (stream, end, array, offset, captured, wire, timeNs, linkType) -> packets.add(wire));
      assertThat(packets).as("the last ones too").containsExactly(frame(1).length);
      assertThat(soon(worker.connection(2))).as("never was").isNull();
      assertThat(soon(worker.connection(7L << 48 | 1))).as("of no thread").isNull();
      assertThat(worker.statistics().ledger().pending()).isZero();
      assertThat(worker.pendingBytes()).isZero();
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aLiveConnectionIsAnsweredByItsOwner() throws Exception {
    try (Worker worker = worker(true, new Quiet(1))) {
      worker.start();
      byte[] record = null;
      while (record == null) record = soon(worker.connection(1)); // the packet comes with the first turn
      assertThat(worker.statistics().endReason()).isNull();
    }
  }

  /** A bug, an error of the machine, a broken source: the other threads end too, and the first reason is told. */
  @Test
  void aThreadThatFailsEndsTheCaptureAndSaysWhy() throws Exception {
    List<Throwable> failures = List.of(new IllegalStateException("a bug"), new StackOverflowError("too deep"), new IOException("the ring broke"));
    for (Throwable failure : failures) {
      Quiet quiet = new Quiet(2);
      Source failing = new Source(1) {
        @Override
        int then() throws IOException {
          if (!handedOver(quiet)) return END;
          if (failure instanceof IOException broken) throw broken;
          if (failure instanceof Error error) throw error;
          throw (RuntimeException) failure;
        }
      };
      try (Worker worker = worker(true, failing, quiet)) {
        worker.start();
        assertThat(soon(worker.ended())).contains(failure.getMessage());
        assertThat(worker.statistics().endReason()).contains(failure.getMessage());
        assertThat(worker.statistics().entries()).as("what both had read is stored").isEqualTo(4);
        assertThat(soon(worker.connection(1))).isNotNull();
        assertThat(quiet.closed.getCount()).as("the other source was closed").isZero();
      }
    }
  }

  @Test
  void aFailingSinkEndsThePipelineAndLeavesNobodyWaiting() throws Exception {
    List<String> ticks = new ArrayList<>();
    Pipeline pipeline = new Pipeline(0, false, new Source(1), Protocols.installed(), DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT, ConnectionPolicy.ALL,
        (record, offset, length) -> {
          throw new UncheckedIOException(new IOException("disk full"));
        }, PacketTap.NONE, nowNs -> ticks.add("tick"), (protocol, connection, failure, reproducer) -> {
          throw new AssertionError("no dissector is to blame", failure);
        });
    CompletableFuture<byte[]> asked = pipeline.connection(1);
    Throwable thrown = null;
    try {
      pipeline.run();
    } catch (UncheckedIOException e) {
      thrown = e;
    }
    assertThat(thrown).hasMessageContaining("disk full");
    assertThat(pipeline.snapshot().ended()).isTrue();
    assertThat(asked).isDone();
    assertThat(pipeline.connection(1)).isDone();
    assertThat(ticks).isNotEmpty();
  }

  /** Questions from other threads while it ends: each is answered. */
  @Test
  void questionsWhileItEndsAreAnswered() throws Exception {
    for (int round = 0; round < 50; round++) {
      Pipeline pipeline = new Pipeline(0, false, new Source(1), Protocols.installed(), DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT,
          ConnectionPolicy.ALL, (record, offset, length) -> true, PacketTap.NONE, nowNs -> {}, (protocol, connection, failure, reproducer) -> {});
      CountDownLatch started = new CountDownLatch(1);
      List<CompletableFuture<byte[]>> answers = new ArrayList<>();
      Thread asking = Thread.ofPlatform().start(() -> {
        started.countDown();
        while (!pipeline.snapshot().ended()) answers.add(pipeline.connection(1));
        answers.add(pipeline.connection(1));
      });
      started.await();
      pipeline.run();
      asking.join();
      for (CompletableFuture<byte[]> answer : answers) soon(answer);
    }
  }

  @Test
  void whatIsClosedBeforeItStartedLeavesNothing() throws Exception {
    Quiet source = new Quiet(1);
    worker(true, source).close();
    assertThat(source.closed.getCount()).isZero();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void heapSharesFitTheHeap() {
    for (long heapMiB : new long[] {64, 160, 320, 1024, 8192}) {
      for (int threads : new int[] {1, 2, 8}) {
        HeapShares shares = HeapShares.of(heapMiB << 20, threads);
        long each = shares.limits().connections() * 2800L + shares.limits().bufferedBytes() + shares.limits().fragmentBytes() + shares.dissect().budgetBytes();
        assertThat(each * threads).as("%d MiB, %d threads", heapMiB, threads).isBetween(4L << 20, Math.max(8L << 20, (heapMiB << 20) / 4 * 3 - (40L << 20)));
      }
    }
    assertThat(HeapShares.of(8L << 30, 1).limits()).as("no more than is useful").isEqualTo(ReassemblyLimits.DEFAULT);
    assertThat(HeapShares.of(8L << 30, 1).dissect()).isEqualTo(DissectOptions.DEFAULT);
  }
}
