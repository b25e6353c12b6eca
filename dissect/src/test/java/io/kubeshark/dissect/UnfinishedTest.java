package io.kubeshark.dissect;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.dissect.contract.Replay;
import io.kubeshark.dissect.http.HttpProtocol;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A call that hangs is told of while it does, once; and again when it ends. */
class UnfinishedTest {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long START_NS = 1_795_000_000 * SECOND_NS;
  private static final String REQUEST = "GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n";
  private static final String UPLOAD = "POST /slow HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello";
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private static final FieldSpec RESPONSE_BODY =
      new HttpProtocol().info().fields().stream().filter(field -> field.variable().equals("response.body")).findFirst().orElseThrow();

  private final List<String> told = new ArrayList<>();
  private Connection connection;
  private final long[] positions = new long[2];
  private Runner runner;
  private int second;

  private void begin(boolean live) {
    connection = Replay.connection(Connection.TCP, 80, false);
    EntryView view = new EntryView();
    runner = new Runner(Protocols.installed(), DissectOptions.DEFAULT, EntryLayout.Capture.FILE, live, ConnectionPolicy.ALL, (record, offset, length) -> {
      assertThat(view.wrap(record, offset, length)).isTrue();
      if (view.kind() != EntryLayout.Kind.EXCHANGE) return true;
      List<String> anomalies = new ArrayList<>();
      for (Anomaly anomaly : Anomaly.values()) if ((view.anomalies() & anomaly.bit()) != 0) anomalies.add(anomaly.code);
      assertThat(view.has(EntryLayout.FLAG_UNFINISHED)).isEqualTo(view.index() >= Unfinished.WAITING_INDEX);
      told.add(second + " s, " + view.index() + ": " + (view.has(EntryLayout.FLAG_NO_RESPONSE) ? "request" : "both") + " " + anomalies + body(view)
          + (view.requestSize() == REQUEST.length() ? "" : " " + view.requestSize() + " bytes"));
      return true;
    }, (protocol, which, failure, reproducer) -> {
      throw failure;
    });
    runner.onOpen(connection);
  }

  /** What was kept of the response's body. */
  private static String body(EntryView view) {
    int field = view.find(RESPONSE_BODY);
    return field < 0 ? "" : " " + new String(view.array(), view.bodyAt(field), view.bodyLength(field), StandardCharsets.US_ASCII);
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
    assertThat(told).containsExactly("30 s, 1000000000: request [waiting]", "100 s, 0: both [told-before] ok", "100 s, 1: both [] ok");
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
    assertThat(told).containsExactly("0 s, 0: both [] ok", "35 s, 1000000001: request [waiting]", "63 s, 1: request [unanswered, told-before]");
  }

  @Test
  void aStreamIsToldOfAsFarAsItIs() {
    begin(true);
    send(0, REQUEST);
    pass(40);
    send(1, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    send(1, "8\r\ndata: 1\n\r\n");
    pass(60);
    send(1, "8\r\ndata: 2\n\r\n0\r\nTrailer: x\r\n");
    pass(60);
    send(1, "\r\n");
    close();
    assertThat(told).containsExactly("30 s, 1000000000: request [waiting]", "45 s, 1500000000: both [told-before, in-progress] data: 1\n",
        "160 s, 0: both [told-before] data: 1\ndata: 2\n");
  }

  @Test
  void anAnswerThatIsShortOfAByteIsUnderWay() {
    begin(true);
    send(0, REQUEST);
    send(1, RESPONSE.substring(0, RESPONSE.length() - 1));
    pass(60);
    close();
    assertThat(told).containsExactly("30 s, 1500000000: both [in-progress] o", "60 s, 0: both [incomplete-message, told-before] o");
  }

  @Test
  void anUploadThatHangsIsUnderWay() {
    begin(true);
    send(0, UPLOAD.substring(0, UPLOAD.length() - 3));
    pass(60);
    send(0, "llo");
    pass(60);
    close();
    assertThat(told).containsExactly("30 s, 1500000000: request [in-progress] 56 bytes", "90 s, 1000000000: request [waiting, told-before] 59 bytes",
        "120 s, 0: request [unanswered, told-before] 59 bytes");
  }

  @Test
  void whereverAMessageStopsItIsReadable() {
    String stream = "HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n";
    for (int cut = 1; cut <= UPLOAD.length() + stream.length(); cut++) {
      told.clear();
      second = 0;
      positions[0] = positions[1] = 0;
      begin(true);
      send(0, UPLOAD.substring(0, Math.min(cut, UPLOAD.length())));
      if (cut > UPLOAD.length()) send(1, stream.substring(0, cut - UPLOAD.length()));
      pass(60);
      String last = told.isEmpty() ? "" : told.getLast();
      boolean headIsWhole = cut >= UPLOAD.indexOf("hello");
      assertThat(told.size()).as("%d", cut).isEqualTo(headIsWhole ? 1 : 0);
      if (cut == UPLOAD.length() + stream.length()) assertThat(last).contains("both [] ok!");
      else if (cut > UPLOAD.length() + stream.indexOf("ok")) assertThat(last).contains("both [in-progress] o");
      else if (headIsWhole) assertThat(last).containsPattern("\\[(waiting|in-progress)]");
      close();
    }
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
