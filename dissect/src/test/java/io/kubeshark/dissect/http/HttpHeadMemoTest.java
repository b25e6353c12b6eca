package io.kubeshark.dissect.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.FieldWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A head is read the same, whatever was read before it. */
class HttpHeadMemoTest {
  private static final int HEADS = 20_000;
  private static final String[] LINES = {
    "Host: shop.example", "Host: cart.example:8080", "User-Agent: wrk/4.1", "Accept: */*", "Content-Length: 12", "Content-Length: 13",
    "Transfer-Encoding: chunked", "Cookie: a=b; c=d", "Connection: keep-alive", "X-Empty:", "Upgrade: websocket", " folded into it", "no colon here",
    "Date: Mon, 23 Nov 2026 10:00:00 GMT", "Date: Mon, 23 Nov 2026 10:00:01 GMT", "Content-Type: text/plain", "X: y\u00e9", "Set-Cookie: s=1"};

  @Test
  void aHeadReadsTheSameAfterOthers() {
    long seed = 20261123;
    Random random = new Random(seed);
    HttpHead used = new HttpHead();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < HEADS; i++) {
      mutate(lines, random);
      boolean request = random.nextInt(3) > 0;
      String lineEnd = random.nextInt(20) == 0 ? "\n" : "\r\n";
      String text = (request ? "GET /" + i + " HTTP/1.1" : "HTTP/1.1 200 OK") + lineEnd
          + String.join(lineEnd, lines) + (lines.isEmpty() ? "" : lineEnd) + lineEnd + "body: of what follows\r\n";
      byte[] bytes = ("x".repeat(random.nextInt(9)) + text).getBytes(StandardCharsets.ISO_8859_1);
      int from = bytes.length - text.length();
      int to = random.nextInt(4) == 0 ? from + random.nextInt(text.length()) : bytes.length;
      HttpHead fresh = new HttpHead();
      HttpHead.Result result = used.read(bytes, from, to, request);
      assertThat(result).as("seed %d, head %d: %s", seed, i, text).isEqualTo(fresh.read(bytes, from, to, request));
      if (result == HttpHead.Result.WHOLE) assertThat(described(used)).as("seed %d, head %d: %s", seed, i, text).isEqualTo(described(fresh));
    }
  }

  /** Now and then one line more, less or other: as a client or server does from message to message. */
  private static void mutate(List<String> lines, Random random) {
    int what = random.nextInt(10);
    if (what == 0 && !lines.isEmpty()) lines.remove(random.nextInt(lines.size()));
    if (what == 1 && lines.size() < 60) lines.add(random.nextInt(lines.size() + 1), LINES[random.nextInt(LINES.length)]);
    if (what == 2 && !lines.isEmpty()) lines.set(random.nextInt(lines.size()), LINES[random.nextInt(LINES.length)]);
    if (what == 3 && random.nextInt(20) == 0) lines.clear();
  }

  private static List<Object> described(HttpHead head) {
    List<Object> all = new ArrayList<>(List.of(head.end, head.anomalies, head.folded, head.lines, head.hostLine, head.contentTypeLine,
        head.contentEncodingLine, head.upgradeLine, head.cookieLine, head.setCookieLine, head.framing.chunked, head.framing.length, head.framing.anomalies()));
    for (int line = 0; line < head.lines; line++) {
      all.add(List.of(head.kind(line), head.nameAt(line), head.nameLength(line), head.valueAt(line), head.valueLength(line)));
    }
    if (head.folded) return all; // written by another way
    FieldWriter written = new FieldWriter(64, 1 << 20);
    written.beginMap(HttpFields.HEADERS);
    head.writeLines(written);
    written.endMap();
    all.add(HexFormat.of().formatHex(written.array(), 0, written.length()));
    return all;
  }
}
