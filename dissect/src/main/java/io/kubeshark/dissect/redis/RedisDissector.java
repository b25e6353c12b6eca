package io.kubeshark.dissect.redis;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;

/**
 * Reads commands and replies. A value is waited for as a whole up to {@value #WHOLE_BYTES_MAX} bytes; of a longer one the beginning is
 * shown and the rest is counted as it passes.
 */
final class RedisDissector implements Dissector {
  private static final int WHOLE_BYTES_MAX = 128 << 10;

  private final RepliesExpected replies = new RepliesExpected();
  private final Reading[] reading = {new Reading(), new Reading()};

  /** Room to write in; too much for each connection, and nothing stays in it between calls. */
  private record Readers(CommandReader command, ReplyReader reply) {
    static final ThreadLocal<Readers> OF_THREAD = ThreadLocal.withInitial(() -> new Readers(new CommandReader(), new ReplyReader()));
  }

  /** One direction's value in progress. */
  private static final class Reading {
    final RespScanner scanner = new RespScanner();
    boolean started;
    /** A value too long to wait for, whose beginning is written already. */
    Message passing;
    boolean oneWay;
  }

  @Override
  public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
    Readers readers = Readers.OF_THREAD.get();
    Reading now = reading[sender.ordinal()];
    if (!now.started && now.passing == null) {
      if (sender == Direction.CLIENT && in.at(in.position()) != '*') return inline(readers.command, in, out);
      now.scanner.start();
      now.started = true;
    }
    RespScanner.Result result = now.scanner.scan(in.array(), in.position(), in.limit());
    if (result == RespScanner.Result.MALFORMED) return malformed(now, out);
    if (now.passing != null) return pass(now, result, in, out);
    if (result == RespScanner.Result.NEED_MORE && in.remaining() < WHOLE_BYTES_MAX) {
      out.need(Math.min(now.scanner.needed, WHOLE_BYTES_MAX));
      return Outcome.NEED_MORE;
    }
    Message message = out.begin(sender, in);
    int end = in.position() + now.scanner.scanned();
    if (result == RespScanner.Result.NEED_MORE) end = in.limit();
    boolean oneWay = sender == Direction.CLIENT
        ? readers.command.read(message, in, end, out, replies)
        : readers.reply.read(message, in, end, out, replies);
    now.started = false;
    if (result == RespScanner.Result.NEED_MORE) {
      now.passing = message;
      now.oneWay = oneWay;
      message.anomaly(Anomaly.LIMIT_REACHED);
      in.skip(now.scanner.scanned());
      now.scanner.forget();
      return Outcome.CONSUMED;
    }
    in.skip(now.scanner.scanned());
    finish(message, oneWay, in, out);
    return Outcome.CONSUMED;
  }

  /** More of a value that is not kept. */
  private Outcome pass(Reading now, RespScanner.Result result, ByteCursor in, MessageSink out) {
    int scanned = now.scanner.scanned();
    now.scanner.forget();
    in.skip(scanned);
    if (result == RespScanner.Result.WHOLE) {
      Message message = now.passing;
      now.passing = null;
      finish(message, now.oneWay, in, out);
      return Outcome.CONSUMED;
    }
    if (scanned > 0) return Outcome.CONSUMED;
    out.need(in.remaining() + 1);
    return Outcome.NEED_MORE;
  }

  private static void finish(Message message, boolean oneWay, ByteCursor in, MessageSink out) {
    if (oneWay) out.endOneWay(message, in);
    else out.end(message, in);
  }

  private static Outcome malformed(Reading now, MessageSink out) {
    cut(now, out);
    return Outcome.MALFORMED;
  }

  private static void cut(Reading now, MessageSink out) {
    if (now.passing != null) out.endIncomplete(now.passing);
    now.passing = null;
    now.started = false;
  }

  /** A command as plain words on a line ({@code PING CRLF}), as people type it. */
  private Outcome inline(CommandReader reader, ByteCursor in, MessageSink out) {
    int lineFeed = in.indexOf((byte) '\n', in.position());
    if (lineFeed < 0) {
      if (in.remaining() > RespScanner.LINE_BYTES_MAX) return Outcome.MALFORMED;
      out.need(in.remaining() + 1);
      return Outcome.NEED_MORE;
    }
    int end = lineFeed > in.position() && in.at(lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
    if (end > in.position() && !RedisProtocol.commandCharacter((byte) in.at(in.position()), true)) return Outcome.MALFORMED;
    for (int i = in.position(); i < end; i++) if (in.at(i) < 0x20 || in.at(i) > 0x7e) return Outcome.MALFORMED;
    Message message = out.begin(Direction.CLIENT, in);
    if (end == in.position()) {
      in.position(lineFeed + 1);
      out.discard(message); // an empty line is no command
      return Outcome.CONSUMED;
    }
    reader.readInline(message, in.array(), in.position(), end, replies);
    in.position(lineFeed + 1);
    out.end(message, in);
    return Outcome.CONSUMED;
  }

  @Override
  public GapOutcome onGap(Direction sender, long length, MessageSink out) {
    Reading now = reading[sender.ordinal()];
    boolean open = (now.started || now.passing != null) && now.scanner.withinAggregate();
    cut(now, out);
    if (sender == Direction.SERVER) replies.hole(open);
    return GapOutcome.RESYNC;
  }

  @Override
  public void onEnd(Direction sender, MessageSink out) {
    cut(reading[sender.ordinal()], out);
  }

  @Override
  public int findBoundary(Direction sender, ByteCursor in) {
    return RespBoundary.find(sender, in);
  }
}
