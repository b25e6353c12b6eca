package io.kubeshark.dissect;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.dissect.contract.Replay;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A call that hangs is told of while it does, once; and again when it ends. */
class UnansweredTest {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long START_NS = 1_795_000_000 * SECOND_NS;
  private static final String REQUEST = "GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n";
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final List<String> told = new ArrayList<>();
  private final Connection connection = Replay.connection(Connection.TCP, 80, false);
  private final long[] positions = new long[2];
  private Runner runner;
  private int second;

  private void begin(boolean live) {
    EntryView view = new EntryView();
    runner = new Runner(Protocols.installed(), DissectOptions.DEFAULT, EntryLayout.Capture.FILE, live, ConnectionPolicy.ALL, (record, offset, length) -> {
      assertThat(view.wrap(record, offset, length)).isTrue();
      if (view.kind() != EntryLayout.Kind.EXCHANGE) return true;
      List<String> anomalies = new ArrayList<>();
      for (Anomaly anomaly : Anomaly.values()) if ((view.anomalies() & anomaly.bit()) != 0) anomalies.add(anomaly.code);
      assertThat(view.requestSize()).isEqualTo(REQUEST.length());
      told.add(second + " s, " + view.index() + ": " + (view.has(EntryLayout.FLAG_NO_RESPONSE) ? "request" : "both") + " " + anomalies);
      return true;
    }, (protocol, which, failure, reproducer) -> {
      throw failure;
    });
    runner.onOpen(connection);
  }

  private void send(int end, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    runner.onData(connection, end, bytes, 0, bytes.length, positions[end], positions[1 - end], START_NS + second * SECOND_NS);
    positions[end] += bytes.length;
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) runner.onTime(START_NS + ++second * SECOND_NS);
  }

  private void close() {
    runner.onEnd(connection, 0, START_NS + second * SECOND_NS);
    runner.onEnd(connection, 1, START_NS + second * SECOND_NS);
    runner.onClose(connection, START_NS + second * SECOND_NS);
    pass(100); // nothing is remembered
    assertThat(runner.messageBytes()).isZero();
  }

  @Test
  void aCallThatHangsIsToldOfOnceWhileItDoes() {
    begin(true);
    send(0, REQUEST);
    pass(29);
    assertThat(told).isEmpty();
    pass(71);
    assertThat(told).containsExactly("30 s, 1000000000: request [waiting]");
    send(1, RESPONSE);
    send(0, REQUEST);
    send(1, RESPONSE);
    close();
    assertThat(told).containsExactly("30 s, 1000000000: request [waiting]", "100 s, 0: both [told-before]", "100 s, 1: both []");
  }

  @Test
  void oneThatNeverIsAnsweredEndsWithItsConnection() {
    begin(true);
    send(0, REQUEST);
    send(1, RESPONSE);
    pass(3);
    send(0, REQUEST);
    pass(60);
    close();
    assertThat(told).containsExactly("0 s, 0: both []", "35 s, 1000000001: request [waiting]", "63 s, 1: request [unanswered, told-before]");
  }

  @Test
  void anAnswerThatHasBegunIsNotMissing() {
    begin(true);
    send(0, REQUEST);
    send(1, RESPONSE.substring(0, RESPONSE.length() - 1));
    pass(60);
    assertThat(told).isEmpty();
  }

  @Test
  void aFileTellsAtItsEnd() {
    begin(false);
    send(0, REQUEST);
    pass(60);
    assertThat(told).isEmpty();
    close();
    assertThat(told).containsExactly("60 s, 0: request [unanswered]");
  }
}
