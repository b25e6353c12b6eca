package io.kubeshark.cli;

import java.io.IOException;
import java.net.Socket;

/** A way to the front's pod. Any thread. */
interface Upstream extends AutoCloseable {
  /** @return a connection that speaks HTTP/1.1; @throws IOException if there is none now: the message is for people */
  Socket open() throws IOException;

  /** What stands before each path, or "". */
  String pathPrefix();

  /** Sets Host and what lets the request in. */
  void authorize(HttpHead request);

  @Override
  default void close() {}
}
