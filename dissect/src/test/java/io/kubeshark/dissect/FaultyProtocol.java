package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.dissect.contract.Conversation;
import java.util.List;
import java.util.Random;

/**
 * A protocol with a bug in every place where one can be: {@code '~' length payload}, both ways, answered in order. It throws at random.
 * A length of 255 asks for more than any budget.
 */
final class FaultyProtocol implements Protocol {
  static final String ID = "faulty";
  static final String REASON = "a bug of the test's";
  private static final int PORT = 7;
  private static final FieldSpec BODY = FieldSpec.request(0, "body", FieldType.BODY, "Body", null, "What it carries");
  private static final FieldSpec WORDS = FieldSpec.request(1, "words", FieldType.LIST, "Words", null, "Never finished");
  private static final ProtocolInfo INFO = new ProtocolInfo(
      ID, "Faulty", "BUG", "l7", "#000000", "#ffffff", "", List.of(PORT), List.of(ID), new ProtocolInfo.Row(null, null, null), List.of(BODY, WORDS));
  private static final byte[] NOTHING = {};

  private final Random random;
  /** One call in so many throws. */
  private final int oneIn;
  int thrown;

  FaultyProtocol(Random random, int oneIn) {
    this.random = random;
    this.oneIn = oneIn;
  }

  static Conversation conversation(Random random) {
    Conversation conversation = random.nextBoolean() ? Conversation.tcp("faulty", PORT) : Conversation.udp("faulty", PORT);
    for (int i = 1 + random.nextInt(20); i > 0; i--) {
      int messages = 1 + random.nextInt(3);
      conversation = conversation.client(messages(random, messages)).server(messages(random, messages));
    }
    return conversation;
  }

  private static byte[] messages(Random random, int count) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      byte[] payload = new byte[random.nextInt(200)];
      random.nextBytes(payload);
      out.write('~');
      out.write(random.nextInt(100) == 0 ? 255 : payload.length);
      out.writeBytes(payload);
    }
    return out.toByteArray();
  }

  private void mayThrow() {
    if (random.nextInt(oneIn) != 0) return;
    thrown++;
    throw new IllegalStateException(REASON);
  }

  @Override
  public ProtocolInfo info() {
    return INFO;
  }

  @Override
  public boolean runsOver(int transport) {
    return true;
  }

  @Override
  public Verdict recognize(Direction sender, ByteCursor head) {
    if (head.u8() != '~') return Verdict.REJECT;
    mayThrow();
    return Verdict.MATCH;
  }

  @Override
  public Dissector open(Connection connection, DissectOptions options) {
    mayThrow();
    return new Reader();
  }

  private final class Reader implements Dissector {
    private final Message[] open = new Message[2];
    private final int[] left = new int[2];

    @Override
    public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
      while (in.remaining() > 0) {
        mayThrow();
        int side = sender.ordinal();
        if (open[side] == null) {
          if (in.at(in.position()) != '~') return Outcome.MALFORMED;
          if (!in.has(2)) return needMore(in, out);
          int length = in.at(in.position() + 1);
          if (length == 255) {
            out.need(1 << 30);
            return Outcome.NEED_MORE;
          }
          open[side] = out.begin(sender, in);
          left[side] = length;
          in.skip(2);
          mayThrow();
          open[side].fields().beginBody(BODY, NOTHING, 0, 0, NOTHING, 0, 0, out.bodyBytesMax());
          if (random.nextInt(4) == 0) return Outcome.CONSUMED;
        }
        int count = Math.min(left[side], in.remaining());
        open[side].fields().body(in.array(), in.position(), count);
        in.skip(count);
        left[side] -= count;
        if (left[side] > 0) return Outcome.CONSUMED;
        Message message = open[side];
        open[side] = null;
        message.fields().endBody();
        message.fields().beginList(WORDS);
        message.fields().listItem("one");
        mayThrow();
        message.fields().endList();
        out.end(message, in);
        mayThrow();
      }
      return Outcome.CONSUMED;
    }

    private static Outcome needMore(ByteCursor in, MessageSink out) {
      out.need(in.remaining() + 1);
      return Outcome.NEED_MORE;
    }

    private void cut(Direction sender, MessageSink out) {
      Message message = open[sender.ordinal()];
      open[sender.ordinal()] = null;
      if (message == null) return;
      message.fields().endBody();
      out.endIncomplete(message);
    }

    @Override
    public GapOutcome onGap(Direction sender, long length, MessageSink out) {
      mayThrow();
      cut(sender, out);
      mayThrow();
      return random.nextInt(20) == 0 ? GapOutcome.GIVE_UP : GapOutcome.RESYNC;
    }

    @Override
    public int findBoundary(Direction sender, ByteCursor in) {
      mayThrow();
      return in.indexOf((byte) '~', in.position());
    }

    @Override
    public void onEnd(Direction sender, MessageSink out) {
      mayThrow();
      cut(sender, out);
      mayThrow();
    }
  }
}
