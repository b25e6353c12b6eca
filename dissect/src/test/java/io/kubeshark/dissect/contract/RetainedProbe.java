package io.kubeshark.dissect.contract;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.MessageSink;
import io.kubeshark.dissect.Protocol;
import io.kubeshark.dissect.Protocols;

/** Protocols whose dissectors fail the test when they keep more between calls than they may. */
record RetainedProbe(long bytesMax) {

  Protocols around(Protocols protocols) {
    return new Protocols(protocols.all().stream().map(protocol -> (Protocol) new Watched(protocol, bytesMax)).toList());
  }

  private record Watched(Protocol protocol, long bytesMax) implements Protocol {
    @Override
    public ProtocolInfo info() {
      return protocol.info();
    }

    @Override
    public boolean runsOver(int transport) {
      return protocol.runsOver(transport);
    }

    @Override
    public Verdict recognize(Direction sender, ByteCursor head) {
      return protocol.recognize(sender, head);
    }

    @Override
    public Dissector open(Connection connection, DissectOptions options) {
      return new WatchedDissector(protocol.open(connection, options), bytesMax);
    }
  }

  private record WatchedDissector(Dissector dissector, long bytesMax) implements Dissector {
    @Override
    public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
      Outcome outcome = dissector.parse(sender, in, out);
      if (dissector.retainedBytes() > bytesMax) {
        throw new IllegalStateException("keeps " + dissector.retainedBytes() + " bytes between calls, allowed are " + bytesMax);
      }
      return outcome;
    }

    @Override
    public GapOutcome onGap(Direction sender, long length, MessageSink out) {
      return dissector.onGap(sender, length, out);
    }

    @Override
    public int findBoundary(Direction sender, ByteCursor in) {
      return dissector.findBoundary(sender, in);
    }

    @Override
    public void onEnd(Direction sender, MessageSink out) {
      dissector.onEnd(sender, out);
    }

    @Override
    public long retainedBytes() {
      return dissector.retainedBytes();
    }
  }
}
