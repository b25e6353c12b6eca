package io.kubeshark.dissect.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Entry;
import io.kubeshark.dissect.contract.Replay;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One case a ceiling: what is over it shows as an anomaly, is counted whole, and the next exchange is read as if nothing had been. */
class HttpHostileTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private static Conversation conversation(String request, String response) {
    return Conversation.tcp("hostile", 80).client(request).server(response)
        .client("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
  }

  /** The first of two entries; the second is the good one. */
  private static Entry first(String request, String response) {
    List<Entry> entries = new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(conversation(request, response));
    assertThat(entries).hasSize(2).allMatch(Entry::hasBoth);
    List<Entry> inPieces = new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(conversation(request, response).inPieces(997));
    assertThat(inPieces.stream().map(Entry::pair).toList().equals(entries.stream().map(Entry::pair).toList())).as("in pieces").isTrue();
    assertThat(text(entries.get(1), HttpFields.URL)).isEqualTo("http://a/next");
    assertThat(entries.get(1).view().anomalies()).isZero();
    assertThat(entries.getFirst().view().requestSize()).isEqualTo(request.length());
    assertThat(entries.getFirst().view().responseSize()).isEqualTo(response.length());
    return entries.getFirst();
  }

  private static String text(Entry entry, FieldSpec field) {
    EntryView view = entry.view();
    return view.stringValue(view.find(field));
  }

  private static long number(Entry entry, FieldSpec field) {
    EntryView view = entry.view();
    return view.intValue(view.find(field));
  }

  private static int count(Entry entry, FieldSpec field) {
    EntryView view = entry.view();
    return view.count(view.find(field));
  }

  @Test
  void moreHeadersThanAreKept() {
    String headers = "X-Header: value\r\n".repeat(HttpHead.LINES_MAX);
    Entry entry = first("POST / HTTP/1.1\r\n" + headers + "Content-Length: 3\r\n\r\nabc", OK);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(count(entry, HttpFields.HEADERS)).isEqualTo(HttpHead.LINES_MAX);
    assertThat(number(entry, HttpFields.BODY_SIZE)).as("framing is heeded beyond the limit").isEqualTo(3);
  }

  @Test
  void aHeadLongerThanIsKept() {
    String filler = "X-Long: " + "v".repeat(1000) + "\r\n";
    String head = "POST / HTTP/1.1\r\n" + filler.repeat(2 * HttpHead.BYTES_MAX / filler.length()) + "Content-Length: 3\r\n\r\n";
    Entry entry = first(head + "abc", OK);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(number(entry, HttpFields.HEADERS_SIZE)).isEqualTo(head.length());
    assertThat(number(entry, HttpFields.BODY_SIZE)).isEqualTo(3);
  }

  @Test
  void aResponseHeadLongerThanIsKept() {
    String filler = "X-Long: " + "v".repeat(1000) + "\r\n";
    String head = "HTTP/1.1 500 Too much\r\n" + filler.repeat(2 * HttpHead.BYTES_MAX / filler.length()) + "Transfer-Encoding: chunked\r\n\r\n";
    Entry entry = first("GET / HTTP/1.1\r\n\r\n", head + "3\r\nabc\r\n0\r\n\r\n");
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(number(entry, HttpFields.RESPONSE_BODY_SIZE)).isEqualTo(3);
  }

  @Test
  void aHeaderLineWithoutEnd() {
    Entry entry = first("GET / HTTP/1.1\r\nX-Endless: " + "v".repeat(3 * HttpHead.BYTES_MAX) + "\r\nHost: late\r\n\r\n", OK);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(count(entry, HttpFields.HEADERS)).isZero();
  }

  @Test
  void aTargetWithoutEnd() {
    Entry entry = first("GET /" + "a".repeat(2 * HttpHead.BYTES_MAX) + " HTTP/1.1\r\nHost: late\r\n\r\n", OK);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(text(entry, HttpFields.TARGET)).hasSize(HttpHead.BYTES_MAX - "GET ".length());
  }

  @Test
  void moreQueryParametersThanAreKept() {
    Entry entry = first("GET /?" + "a=b&".repeat(HttpRecord.PAIRS_MAX + 1) + " HTTP/1.1\r\n\r\n", OK);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(count(entry, HttpFields.QUERY)).isEqualTo(HttpRecord.PAIRS_MAX);
  }

  @Test
  void moreCookiesThanAreKept() {
    Entry entry = first("GET / HTTP/1.1\r\nCookie: " + "a=b;".repeat(HttpRecord.PAIRS_MAX + 1) + "\r\n\r\n", OK);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(count(entry, HttpFields.COOKIES)).isEqualTo(HttpRecord.PAIRS_MAX);
  }

  @Test
  void moreInterimResponsesThanAreNamed() {
    String response = "HTTP/1.1 102 Processing\r\n\r\n".repeat(HttpDissector.INTERIM_MAX + 1);
    List<Entry> entries = new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(conversation("GET / HTTP/1.1\r\n\r\n", response + OK));
    assertThat(entries.getFirst().has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(entries.getFirst().has(Anomaly.INTERIM_RESPONSE)).isTrue();
    assertThat(count(entries.getFirst(), HttpFields.INTERIM)).isEqualTo(HttpDissector.INTERIM_MAX);
  }

  @Test
  void moreTrailersThanAreKept() {
    String trailer = "X-Trailer: " + "v".repeat(1000) + "\r\n";
    String trailers = trailer.repeat(2 * HttpBody.TRAILER_BYTES_MAX / trailer.length());
    Entry entry = first("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n" + trailers + "\r\n", OK);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(count(entry, HttpFields.TRAILERS)).isBetween(1, HttpBody.TRAILER_BYTES_MAX / trailer.length());
  }

  @Test
  void aBodyLongerThanIsKeptIsCountedWhole() {
    int length = 3 * DissectOptions.DEFAULT.bodyBytesMax();
    Entry entry = first("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + "x".repeat(length));
    EntryView view = entry.view();
    int body = view.find(HttpFields.RESPONSE_BODY);
    assertThat(view.bodyWireLength(body)).isEqualTo(length);
    assertThat(view.bodyLength(body)).isEqualTo(DissectOptions.DEFAULT.bodyBytesMax());
    assertThat(view.has(EntryLayout.FLAG_TRUNCATED)).isTrue();
  }

  @Test
  void aChunkSizeLineWithoutEndIsNotBelieved() {
    assertBadChunk("1;x=" + "y".repeat(HttpBody.CHUNK_LINE_BYTES_MAX));
  }

  @Test
  void aChunkSizeThatOverflowsIsNotBelieved() {
    assertBadChunk("ffffffffffffffff\r\n");
  }

  @Test
  void aChunkSizeThatIsNoNumberIsNotBelieved() {
    assertBadChunk("-3\r\nabc\r\n0\r\n\r\n");
  }

  @Test
  void aChunkThatIsLongerThanItSaysIsNotBelieved() {
    assertBadChunk("3\r\nabcd\r\n0\r\n\r\n");
  }

  private static void assertBadChunk(String chunk) {
    String request = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    List<Entry> entries = new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(conversation(request + chunk, OK));
    assertThat(entries).hasSize(2);
    assertThat(entries.getFirst().has(Anomaly.BAD_CHUNK)).isTrue();
    assertThat(entries.getFirst().has(EntryLayout.FLAG_INCOMPLETE)).isTrue();
    assertThat(text(entries.get(1), HttpFields.URL)).isEqualTo("http://a/next");
    assertThat(entries.get(1).has(EntryLayout.FLAG_AFTER_GAP)).isTrue();
  }

  @Test
  void aLengthBeyondLongIsNoLength() {
    Entry entry = first("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", OK);
    assertThat(entry.has(Anomaly.BAD_LENGTH)).isTrue();
    assertThat(number(entry, HttpFields.BODY_SIZE)).isZero();
  }

  /** After a loss the request of a response to HEAD is not known: the length that it declares must not swallow what follows. */
  @Test
  void aResponseToAnUnseenHeadSwallowsNothing() {
    Conversation serverOnly = Conversation.tcp("head", 80)
        .server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    List<Entry> entries = new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(serverOnly);
    assertThat(entries).hasSize(2);
    assertThat(entries.getFirst().has(Anomaly.BAD_LENGTH)).isTrue();
    assertThat(number(entries.getFirst(), HttpFields.RESPONSE_BODY_SIZE)).isZero();
    assertThat(number(entries.get(1), HttpFields.STATUS)).isEqualTo(404);
    assertThat(entries.get(1).view().first(Direction.CLIENT)).isEqualTo(entries.get(1).view().end(Direction.CLIENT));
  }
}
