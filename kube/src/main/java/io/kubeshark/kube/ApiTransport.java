package io.kubeshark.kube;

import java.io.IOException;
import java.io.InputStream;

/** How requests get to the API server, with which credentials. Any thread. */
interface ApiTransport extends AutoCloseable {
  /** @param body may come late, or never end; to be closed */
  record Answer(int status, InputStream body) {}

  /** The server's URL, without a slash at its end. */
  String server();

  /**
   * @param type of the body; both null: there is none
   * @param streaming no limit on how long the answer takes
   * @throws IOException it could not be reached; the message says why
   */
  Answer send(String method, String path, String type, byte[] body, boolean streaming) throws IOException;

  @Override
  void close();

  /** The innermost message; the JDK's client often has none outside. */
  static String reason(Throwable e) {
    String text = e.getClass().getSimpleName();
    for (Throwable t = e; t != null; t = t.getCause() == t ? null : t.getCause()) {
      if (t.getMessage() != null && !t.getMessage().isEmpty()) text = t.getMessage();
      else if (t instanceof java.net.ConnectException) text = "connection refused";
    }
    return text;
  }
}
