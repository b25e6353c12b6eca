package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.kubeshark.core.EntryView;
import io.kubeshark.render.EntryBuilder;
import io.kubeshark.wire.Records;
import io.kubeshark.wire.Wire;
import io.kubeshark.wire.proto.Credit;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Query;
import io.kubeshark.wire.proto.Subscribe;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker as its hub sees it: a bare WebSocket whose reading the test controls. */
@Tag("integration")
@Timeout(60)
class WorkerStreamTest implements WebSocket.Listener {
  private static final long UNLIMITED = Long.MAX_VALUE / 4;

  @TempDir Path directory;
  private final LinkedBlockingQueue<Envelope> frames = new LinkedBlockingQueue<>();
  private ByteString partial = ByteString.EMPTY;
  private TestWorker worker;
  private WebSocket socket;
  private volatile boolean reading = true;

  @BeforeEach
  void start() throws IOException {
    worker = new TestWorker(directory, "local");
    socket = HttpClient.newHttpClient().newWebSocketBuilder().header("Authorization", worker.token.header()).buildAsync(worker.uri(), this).join();
  }

  @AfterEach
  void stop() {
    socket.abort();
    worker.close();
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    partial = partial.concat(ByteString.copyFrom(data));
    if (last) {
      try {
        frames.add(Envelope.parseFrom(partial));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
      partial = ByteString.EMPTY;
    }
    if (reading) from.request(1);
    return null;
  }

  private void send(Envelope.Builder frame) {
    socket.sendBinary(ByteBuffer.wrap(frame.build().toByteArray()), true).join();
  }

  private Envelope next(Envelope.MessageCase wanted) throws InterruptedException {
    while (true) {
      Envelope frame = frames.poll(Browser.WAIT_S, TimeUnit.SECONDS);
      assertThat(frame).as("a frame with " + wanted).isNotNull();
      if (frame.getMessageCase() == wanted) return frame;
    }
  }

  private static List<Long> sequences(ByteString records) {
    List<Long> sequences = new ArrayList<>();
    byte[] bytes = records.toByteArray();
    assertThat(Records.forEach(bytes, 0, bytes.length, new EntryView(), record -> sequences.add(record.sequence()))).isTrue();
    return sequences;
  }

  @Test
  void aWorkerSaysWhoItIs() throws InterruptedException {
    Envelope hello = next(Envelope.MessageCase.HELLO);
    assertThat(hello.getHello().getProtocolVersion()).isEqualTo(Wire.VERSION);
    assertThat(hello.getHello().getNode()).isEqualTo("local-node");
    assertThat(hello.getHello().getProtocolsList()).hasSize(EntryBuilder.SCHEMA.protocols().size());
    assertThat(hello.getHello().getInstance()).isNotZero();
  }

  /** More than queue and sockets hold: the worker forgets it, and reads it back from the store. */
  @Test
  void aHubThatFellBehindGetsTheRestFromTheStore() throws InterruptedException {
    send(Envelope.newBuilder().setSubscribe(Subscribe.newBuilder().setId(1).setCreditBytes(UNLIMITED)));
    next(Envelope.MessageCase.HISTORY_END);
    reading = false;
    int count = 60_000;
    String url = "/" + "x".repeat(600);
    for (int i = 1; i <= count; i++) worker.add(TestWorker.http(i).string(EntryBuilder.URL, url));
    worker.drain();
    reading = true;
    socket.request(1);
    List<Long> seen = new ArrayList<>();
    while (seen.size() < count) {
      Envelope frame = next(Envelope.MessageCase.ENTRIES);
      assertThat(frame.getEntries().getSkipped()).isZero();
      seen.addAll(sequences(frame.getEntries().getRecords()));
    }
    assertThat(seen).containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
  }

  @Test
  void withoutCreditEntriesAreCountedAndNotSent() throws InterruptedException {
    int length = TestWorker.http(1).record().length;
    send(Envelope.newBuilder().setSubscribe(Subscribe.newBuilder().setId(1).setCreditBytes(2L * length)));
    next(Envelope.MessageCase.HISTORY_END);
    for (int i = 1; i <= 5; i++) worker.add(TestWorker.http(i));
    List<Long> seen = new ArrayList<>();
    long skipped = 0;
    while (seen.size() + skipped < 5) {
      Envelope frame = next(Envelope.MessageCase.ENTRIES);
      seen.addAll(sequences(frame.getEntries().getRecords()));
      skipped += frame.getEntries().getSkipped();
    }
    assertThat(seen).containsExactly(1L, 2L);
    assertThat(skipped).isEqualTo(3);

    send(Envelope.newBuilder().setCredit(Credit.newBuilder().setSubscription(1).setBytes(length)));
    send(Envelope.newBuilder().setGetStats(io.kubeshark.wire.proto.GetStats.newBuilder().setId(9)));
    next(Envelope.MessageCase.STATS); // frames are taken in order: the credit is there
    worker.add(TestWorker.http(6));
    assertThat(sequences(next(Envelope.MessageCase.ENTRIES).getEntries().getRecords())).containsExactly(6L);
  }

  @Test
  void historyWaitsForCreditAndLosesNothing() throws InterruptedException {
    for (int i = 1; i <= 50; i++) worker.add(TestWorker.http(i));
    worker.drain();
    int length = TestWorker.http(50).record().length;
    send(Envelope.newBuilder().setSubscribe(Subscribe.newBuilder().setId(1).setHistoryCount(40).setCreditBytes(3L * length)));
    List<Long> seen = new ArrayList<>();
    while (seen.size() < 40) {
      Envelope frame = next(Envelope.MessageCase.ENTRIES);
      assertThat(frame.getEntries().getHistory()).isTrue();
      assertThat(frame.getEntries().getSkipped()).isZero();
      assertThat(frame.getEntries().getRecords().size()).isLessThanOrEqualTo(3 * length);
      seen.addAll(sequences(frame.getEntries().getRecords()));
      send(Envelope.newBuilder().setCredit(Credit.newBuilder().setSubscription(1).setBytes(frame.getEntries().getRecords().size())));
    }
    assertThat(seen).containsExactlyElementsOf(LongStream.rangeClosed(11, 50).boxed().toList());
    Envelope end = next(Envelope.MessageCase.HISTORY_END);
    assertThat(end.getHistoryEnd().getCount()).isEqualTo(40);
    assertThat(end.getHistoryEnd().getTruncated()).isTrue();
  }

  @Test
  void aReconnectGoesOnWhereItStopped() throws InterruptedException {
    for (int i = 1; i <= 10; i++) worker.add(TestWorker.http(i));
    worker.drain();
    send(Envelope.newBuilder().setSubscribe(Subscribe.newBuilder().setId(1).setFromSequence(7).setCreditBytes(UNLIMITED)));
    assertThat(sequences(next(Envelope.MessageCase.ENTRIES).getEntries().getRecords())).containsExactly(7L, 8L, 9L, 10L);
  }

  @Test
  void whatComesWithinAPauseSharesAFrame() throws InterruptedException {
    send(Envelope.newBuilder().setSubscribe(Subscribe.newBuilder().setId(1).setCreditBytes(UNLIMITED).setGatherMs(1000)));
    next(Envelope.MessageCase.HISTORY_END);
    for (int i = 1; i <= 300; i++) worker.add(TestWorker.http(i));
    List<Long> seen = new ArrayList<>();
    int frames = 0;
    for (; seen.size() < 300; frames++) seen.addAll(sequences(next(Envelope.MessageCase.ENTRIES).getEntries().getRecords()));
    assertThat(seen).containsExactlyElementsOf(LongStream.rangeClosed(1, 300).boxed().toList());
    assertThat(frames).isLessThan(100);
  }

  @Test
  void queriesAnswerNewestFirstAndStopAtTheirLimits() throws InterruptedException {
    for (int i = 1; i <= 30; i++) worker.add(TestWorker.http(i));
    worker.drain();
    send(Envelope.newBuilder().setQuery(Query.newBuilder().setId(5).setKfl("method == \"GET\"").setLimit(3).setBeforeSequence(20)));
    Envelope answer = next(Envelope.MessageCase.QUERY_RESULT);
    assertThat(sequences(answer.getQueryResult().getRecords())).containsExactly(18L, 16L, 14L);
    assertThat(answer.getQueryResult().getTruncated()).isTrue();
    assertThat(answer.getQueryResult().getDone()).isTrue();

    send(Envelope.newBuilder().setQuery(Query.newBuilder().setId(6).setLimit(100).setBytesMax(1)));
    assertThat(sequences(next(Envelope.MessageCase.QUERY_RESULT).getQueryResult().getRecords())).containsExactly(30L);

    send(Envelope.newBuilder().setQuery(Query.newBuilder().setId(7).setKfl("nonsense").setLimit(1)));
    Envelope failed = next(Envelope.MessageCase.FAILED);
    assertThat(failed.getFailed().getId()).isEqualTo(7);
    assertThat(failed.getFailed().getCode()).isEqualTo("kfl");
  }
}
