package io.kubeshark.dissect.http;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;
import java.nio.charset.StandardCharsets;

/**
 * One connection's messages: heads, what they say of their bodies, and the switch to another protocol by CONNECT or Upgrade.
 *
 * <p>After a request that may switch the connection, what the client sends next is not read before the response has decided. A client
 * that asked for nothing of the kind is never waited for.
 */
final class HttpDissector implements Dissector {
  /** {@link Message#tag} of a request: what its response must know. */
  private static final long TAG_HEAD = 1;
  private static final long TAG_CONNECT = 2;
  private static final long TAG_UPGRADE = 4;
  /** Interim responses named in the final one's entry. */
  static final int INTERIM_MAX = 6;
  private static final int INTERIM_BITS = 10;
  /** Longer names of protocols in an Upgrade field are cut. */
  private static final int UPGRADE_NAME_BYTES_MAX = 32;

  private static final byte[] METHOD_HEAD = HttpSyntax.ascii("HEAD");
  private static final byte[] METHOD_CONNECT = HttpSyntax.ascii("CONNECT");
  private static final byte[] WEBSOCKET = HttpSyntax.ascii("websocket");
  private static final byte[] H2C = HttpSyntax.ascii("h2c");

  /** Room to read a head in; too much for each of 100,000 connections, and nothing stays in it between calls. */
  private static final ThreadLocal<HttpRecord> RECORD = ThreadLocal.withInitial(HttpRecord::new);

  private final HttpSide client = new HttpSide(Direction.CLIENT);
  private final HttpSide server = new HttpSide(Direction.SERVER);
  /** The last request may switch the connection, and its response has not come. */
  private boolean undecided;
  /** The protocol that was switched to, or null. */
  private String switchedTo;
  /** Status codes of interim responses since the last final one, {@value #INTERIM_BITS} bits each. */
  private long interim;
  private int interimCount;

  @Override
  public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
    HttpSide side = side(sender);
    if (side.body.open()) return readBody(side, in, out);
    if (side.longHead != null) return readLongHead(side, in, out);
    if (switchedTo != null) return handOver(out);
    if (side.client && undecided) return Outcome.WAIT_PEER;
    return readHead(sender, side, in, out);
  }

  @Override
  public GapOutcome onGap(Direction sender, long length, MessageSink out) {
    HttpSide side = side(sender);
    if (side.body.absorb(length, out)) return GapOutcome.ABSORBED;
    abandon(side, out);
    if (!side.client) {
      undecided = false;
      forgetInterim();
    }
    return GapOutcome.RESYNC;
  }

  @Override
  public int findBoundary(Direction sender, ByteCursor in) {
    byte[] array = in.array();
    int limit = in.limit();
    if (sender == Direction.SERVER) {
      for (int at = in.indexOf((byte) 'H', in.position()); at >= 0; at = in.indexOf((byte) 'H', at + 1)) {
        if (HttpShape.statusLine(array, at, limit) != HttpShape.NO) return at;
      }
      return -1;
    }
    for (int at = in.position(); at < limit; at++) {
      if (HttpSyntax.startsMethod(array[at]) && HttpShape.requestLine(array, at, limit) != HttpShape.NO) return at;
    }
    return -1;
  }

  @Override
  public void onEnd(Direction sender, MessageSink out) {
    HttpSide side = side(sender);
    side.body.streamEnds(out);
    abandon(side, out);
    if (!side.client) undecided = false;
  }

  private HttpSide side(Direction sender) {
    return sender == Direction.CLIENT ? client : server;
  }

  private void abandon(HttpSide side, MessageSink out) {
    side.body.abandon(out);
    Message unfinished = side.longHead;
    side.longHead = null;
    side.headIsOver();
    if (unfinished != null) out.endIncomplete(unfinished);
  }

  private Outcome handOver(MessageSink out) {
    // A client may be granted an upgrade while it still sends the request that asked for it.
    if (client.open()) return Outcome.WAIT_PEER;
    out.handOver(switchedTo);
    return Outcome.HANDED_OVER;
  }

  private Outcome readBody(HttpSide side, ByteCursor in, MessageSink out) {
    Outcome outcome = side.body.read(in, out);
    return outcome == Outcome.CONSUMED && side.client && !side.open() && switchedTo != null ? handOver(out) : outcome;
  }

  private Outcome readHead(Direction sender, HttpSide side, ByteCursor in, MessageSink out) {
    if (!side.headMayBeWhole(in)) return needMore(in, out);
    HttpRecord record = RECORD.get();
    HttpHead head = record.head;
    HttpHead.Result result = head.read(in.array(), in.position(), in.limit(), side.client);
    if (result == HttpHead.Result.MORE) {
      side.headGoesOn(in);
      return needMore(in, out);
    }
    side.headIsOver();
    if (result == HttpHead.Result.BROKEN) return Outcome.MALFORMED;
    Message message = out.begin(sender, in);
    in.position(head.end);
    if (head.anomalies != 0) mark(message, head.anomalies);
    if (side.client) {
      message.tag = tag(head);
      record.request(message);
    } else {
      record.response(message);
    }
    if (result == HttpHead.Result.CUT) {
      side.beginLongHead(message, head, head.endsInLine());
      return Outcome.CONSUMED;
    }
    return headEnds(side, message, head, head.framing, head.end - head.start, head.status, in, out);
  }

  private Outcome readLongHead(HttpSide side, ByteCursor in, MessageSink out) {
    int before = in.position();
    if (!side.readLongHead(in)) return in.position() == before ? needMore(in, out) : Outcome.CONSUMED;
    Message message = side.longHead;
    side.longHead = null;
    return headEnds(side, message, null, side.longHeadFraming, side.longHeadBytes, side.status, in, out);
  }

  /** @param head null where it is no longer at hand */
  private Outcome headEnds(
      HttpSide side, Message message, HttpHead head, HttpFraming framing, long headBytes, int status, ByteCursor in, MessageSink out) {
    if (side.client) {
      message.fields().intField(HttpFields.HEADERS_SIZE, headBytes);
      undecided = (message.tag & (TAG_CONNECT | TAG_UPGRADE)) != 0;
      return bodyBegins(side, message, head, framing, false, true, in, out);
    }
    if (status < 200 && status != 101) {
      noteInterim(status);
      out.discard(message);
      return Outcome.CONSUMED;
    }
    return responseHeadEnds(message, head, framing, headBytes, status, in, out);
  }

  private Outcome responseHeadEnds(
      Message message, HttpHead head, HttpFraming framing, long headBytes, int status, ByteCursor in, MessageSink out) {
    message.fields().intField(HttpFields.RESPONSE_HEADERS_SIZE, headBytes);
    message.statusClass(status < 400 ? StatusClass.OK : status < 500 ? StatusClass.WARN : StatusClass.ERROR);
    if (interimCount > 0) writeInterim(message);
    Message request = out.request(message);
    long tag = request == null ? 0 : request.tag;
    boolean tunnel = (tag & TAG_CONNECT) != 0 && status / 100 == 2;
    if (status == 101) switchedTo = upgradeName(head);
    else if (tunnel) switchedTo = "connect";
    if (request == null || (tag & (TAG_CONNECT | TAG_UPGRADE)) != 0) undecided = false;
    boolean bodyless = status < 200 || status == 204 || status == 304 || tunnel || (tag & TAG_HEAD) != 0;
    if (!bodyless) return bodyBegins(server, message, head, framing, true, request != null, in, out);
    message.fields().intField(HttpFields.RESPONSE_BODY_SIZE, 0);
    out.end(message, in);
    return switchedTo != null && !client.open() ? handOver(out) : Outcome.CONSUMED;
  }

  /** RFC 9112 section 6.3. @param sure whether the message is one that has a body if its fields say so */
  private Outcome bodyBegins(
      HttpSide side, Message message, HttpHead head, HttpFraming framing, boolean response, boolean sure, ByteCursor in, MessageSink out) {
    if (framing.anomalies() != 0) mark(message, framing.anomalies());
    HttpBody.State how;
    if (framing.chunked) how = HttpBody.State.CHUNK_SIZE;
    else if (framing.unknowable(response)) how = HttpBody.State.UNTIL_CLOSE;
    else if (framing.length > 0) how = HttpBody.State.LENGTH;
    else how = response && framing.length < 0 ? HttpBody.State.UNTIL_CLOSE : HttpBody.State.NONE;
    if (how == HttpBody.State.NONE) {
      message.fields().intField(response ? HttpFields.RESPONSE_BODY_SIZE : HttpFields.BODY_SIZE, 0);
      out.end(message, in);
      return Outcome.CONSUMED;
    }
    side.body.begin(message, how, framing.length, head, out.bodyBytesMax(), sure);
    if (in.remaining() == 0) return Outcome.CONSUMED;
    Outcome outcome = readBody(side, in, out);
    return outcome == Outcome.NEED_MORE ? Outcome.CONSUMED : outcome;
  }

  private static long tag(HttpHead head) {
    long tag = head.upgradeLine >= 0 ? TAG_UPGRADE : 0;
    if (head.methodIs(METHOD_HEAD)) tag |= TAG_HEAD;
    if (head.methodIs(METHOD_CONNECT)) tag |= TAG_CONNECT;
    return tag;
  }

  private static String upgradeName(HttpHead head) {
    if (head == null || head.upgradeLine < 0) return "unknown";
    int at = head.valueAt(head.upgradeLine);
    int length = Math.min(head.valueLength(head.upgradeLine), UPGRADE_NAME_BYTES_MAX);
    if (length == WEBSOCKET.length && HttpSyntax.is(head.array, at, WEBSOCKET)) return "websocket";
    if (length == H2C.length && HttpSyntax.is(head.array, at, H2C)) return "h2c";
    return new String(head.array, at, length, StandardCharsets.ISO_8859_1).toLowerCase(java.util.Locale.ROOT);
  }

  private void noteInterim(int status) {
    if (interimCount < INTERIM_MAX) interim = interim << INTERIM_BITS | status;
    interimCount++;
  }

  private void writeInterim(Message message) {
    message.anomaly(Anomaly.INTERIM_RESPONSE);
    if (interimCount > INTERIM_MAX) message.anomaly(Anomaly.LIMIT_REACHED);
    FieldWriter fields = message.fields();
    fields.beginList(HttpFields.INTERIM);
    for (int left = Math.min(interimCount, INTERIM_MAX) - 1; left >= 0; left--) {
      fields.listItem(Long.toString(interim >>> (left * INTERIM_BITS) & (1 << INTERIM_BITS) - 1));
    }
    fields.endList();
    forgetInterim();
  }

  private void forgetInterim() {
    interim = 0;
    interimCount = 0;
  }

  private static Outcome needMore(ByteCursor in, MessageSink out) {
    out.need(in.remaining() + 1);
    return Outcome.NEED_MORE;
  }

  private static void mark(Message message, long anomalies) {
    for (long bits = anomalies; bits != 0; bits &= bits - 1) message.anomaly(Anomaly.of(Long.numberOfTrailingZeros(bits)));
  }
}
