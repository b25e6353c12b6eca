package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerConnectionTest {
  private static final int GIVE_UP_MS = 100;

  /** Else it would open later, beside the next one: entries would come by the one and credit go out by the other. */
  @Test
  void whatAnswersTooLateIsClosed() throws Exception {
    WebSocketClient client = new WebSocketClient();
    client.start();
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      WorkerAddress address = new WorkerAddress("late", URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/stream"), null);
      WorkerConnection connection = new WorkerConnection(address, client, GIVE_UP_MS);
      connection.want(true);
      try (Socket first = server.accept(); Socket second = server.accept()) {
        first.setSoTimeout(10_000);
        assertThat(new String(first.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).startsWith("GET /stream"); // to its end: closed
        assertThat(connection.problem()).contains("does not answer");
      } finally {
        connection.close();
      }
    } finally {
      client.stop();
    }
  }
}
