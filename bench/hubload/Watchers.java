import io.kubeshark.wire.ReleaseTls;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Browsers' WebSockets, one for each filter. Arguments: directory, hub's URL, token, filters. Each line of standard input is answered, for
 * each, by rows, rows not shown, and p50, p99 and greatest time in ms from an entry's end to its row's frame being here, since the last line.
 */
final class Watchers {
  private static final int SAMPLES_MAX = 1 << 20;
  private static final byte[] START = "\"startTime\":\"".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  public static void main(String[] arguments) throws Exception {
    HttpClient http = HttpClient.newBuilder().sslContext(ReleaseTls.load(Path.of(arguments[0]).resolve("tls-worker")).mutual(ReleaseTls.HUB)).build();
    List<Watcher> watchers = new ArrayList<>();
    for (int i = 3; i < arguments.length; i++) watchers.add(new Watcher(http, arguments[1], arguments[2], arguments[i]));
    System.out.println("ready");
    var lines = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
    while (lines.readLine() != null) {
      StringBuilder answer = new StringBuilder();
      for (Watcher watcher : watchers) answer.append(answer.isEmpty() ? "" : ";").append(watcher.take());
      System.out.println(answer);
    }
  }

  private static final class Watcher implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private final long[] samples = new long[SAMPLES_MAX];
    private int taken;
    private long rows;
    private long notShown;
    private long greatest;

    Watcher(HttpClient http, String url, String token, String filter) {
      WebSocket socket = http.newWebSocketBuilder().header("X-Kubeshark-Authorization", "Bearer " + token).header("Origin", url)
          .buildAsync(URI.create(url.replace("http", "ws") + "/api/ws"), this).join();
      socket.sendText("{\"type\":\"subscribe\",\"id\":1,\"kfl\":\"" + filter.replace("\\", "\\\\").replace("\"", "\\\"") + "\",\"history\":1000}", true).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        frame(System.currentTimeMillis());
        text.setLength(0);
        if (text.capacity() > 8 << 20) text.trimToSize();
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      System.err.println("closed: " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      error.printStackTrace();
    }

    private synchronized void frame(long nowMs) {
      if (text.indexOf("{\"type\":\"rows\"") != 0) {
        if (text.indexOf("{\"type\":\"filterError\"") == 0) System.err.println(text);
        return;
      }
      if (text.lastIndexOf("\"history\":true") > text.length() - 20) return;
      int missed = text.lastIndexOf("\"notShown\":") + 11;
      notShown += Long.parseLong(text, missed, text.indexOf(",", missed), 10);
      String all = text.toString();
      for (int at = all.indexOf("\"startTime\":\""); at >= 0; at = all.indexOf("\"startTime\":\"", at)) {
        at += START.length;
        int end = all.indexOf('"', at);
        long ms = Math.max(0, nowMs - Long.parseLong(all, at, end, 10) / 1_000_000);
        rows++;
        greatest = Math.max(greatest, ms);
        if (taken < SAMPLES_MAX) samples[taken++] = ms;
        else samples[(int) (rows % SAMPLES_MAX)] = ms;
        at = end;
      }
    }

    synchronized String take() {
      long[] sorted = Arrays.copyOf(samples, taken);
      Arrays.sort(sorted);
      String answer = rows + " " + notShown + " " + (taken == 0 ? 0 : sorted[taken / 2]) + " " + (taken == 0 ? 0 : sorted[(int) (taken * 0.99)]) + " " + greatest;
      taken = 0;
      rows = notShown = greatest = 0;
      return answer;
    }
  }
}
