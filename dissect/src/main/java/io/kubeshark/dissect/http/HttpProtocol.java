package io.kubeshark.dissect.http;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Protocol;

/** HTTP/1.0 and HTTP/1.1. The preface of HTTP/2 ({@code PRI * HTTP/2.0}) is none of it. */
public final class HttpProtocol implements Protocol {
  @Override
  public ProtocolInfo info() {
    return HttpFields.INFO;
  }

  @Override
  public boolean runsOver(int transport) {
    return transport == Connection.TCP;
  }

  @Override
  public Verdict recognize(Direction sender, ByteCursor head) {
    if (head.remaining() == 0) return Verdict.NEED_MORE;
    int shape = sender == Direction.CLIENT
        ? HttpShape.requestLine(head.array(), head.position(), head.limit())
        : HttpShape.statusLine(head.array(), head.position(), head.limit());
    return switch (shape) {
      case HttpShape.YES -> Verdict.MATCH;
      case HttpShape.PARTIAL -> Verdict.NEED_MORE;
      default -> Verdict.REJECT;
    };
  }

  @Override
  public Dissector open(Connection connection, DissectOptions options) {
    return new HttpDissector();
  }
}
