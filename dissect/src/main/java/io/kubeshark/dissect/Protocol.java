package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.ProtocolInfo;

/** A protocol: stateless, found by ServiceLoader. */
public interface Protocol {
  /** What a recogniser says of the first bytes. */
  enum Verdict {
    MATCH, REJECT, NEED_MORE
  }

  ProtocolInfo info();

  /** Whether it runs over {@link Connection#TCP} or {@link Connection#UDP}. */
  boolean runsOver(int transport);

  /**
   * Whether these bytes, the first ones that {@code sender} sent, begin a message of this protocol. Ports are not looked at: they only
   * decide who is asked first. Missing traffic beats mislabelled traffic, so the magic is strict. The cursor may be moved freely.
   *
   * @return NEED_MORE only if more bytes could make it a match
   */
  Verdict recognize(Direction sender, ByteCursor head);

  /** One per connection, single-threaded, owns both directions. */
  Dissector open(Connection connection, DissectOptions options);
}
