package io.kubeshark.hub;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A dashboard's WebSocket, which reads only as many frames as it is told to. */
final class Browser implements WebSocket.Listener, AutoCloseable {
  static final long WAIT_S = 20;

  final LinkedBlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final WebSocket socket;
  private volatile boolean reading = true;

  Browser(Hub hub) {
    this(HttpClient.newHttpClient(), hub);
  }

  /** @param headers names and values, alternating */
  Browser(HttpClient http, Hub hub, String... headers) {
    WebSocket.Builder builder = http.newWebSocketBuilder().header("Origin", hub.url());
    for (int i = 0; i < headers.length; i += 2) builder.header(headers[i], headers[i + 1]);
    socket = builder.buildAsync(URI.create(hub.url().replace("http", "ws") + Hub.SOCKET_PATH), this).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      frames.add(JsonMapper.shared().readTree(text.toString()));
      text.setLength(0);
    }
    if (reading) from.request(1);
    return null;
  }

  void stopReading() {
    reading = false;
  }

  void readAgain() {
    reading = true;
    socket.request(1);
  }

  void say(String json) {
    socket.sendText(json, true).join();
  }

  void subscribe(int id, String kfl, int history) {
    say("{\"type\":\"subscribe\",\"id\":" + id + ",\"kfl\":" + JsonMapper.shared().writeValueAsString(kfl) + ",\"history\":" + history + "}");
  }

  /** The next frame of this type; others are passed over. */
  JsonNode next(String type) {
    return next(frame -> frame.get("type").asString().equals(type));
  }

  JsonNode next(Predicate<JsonNode> wanted) {
    try {
      for (JsonNode frame = frames.poll(WAIT_S, TimeUnit.SECONDS); frame != null; frame = frames.poll(WAIT_S, TimeUnit.SECONDS)) {
        if (wanted.test(frame)) return frame;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AssertionError("no such frame in " + WAIT_S + " s");
  }

  @Override
  public void close() {
    socket.abort();
  }
}
