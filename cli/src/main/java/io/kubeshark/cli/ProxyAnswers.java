package io.kubeshark.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** What the local proxy itself says. */
final class ProxyAnswers {
  private static final String WAITING = """
      <!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>Kubeshark: waiting</title>
      <style>body{font:16px system-ui,sans-serif;margin:20vh auto;max-width:40em;padding:0 1em;color:#24292f;background:#fff}
      @media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}}</style>
      <h1>Waiting for the dashboard</h1><p>%s.</p><p>This page looks again each second and shows the dashboard as soon as it is there.</p>
      """;

  private ProxyAnswers() {}

  /** The front cannot be reached now. */
  static void away(OutputStream out, boolean navigation, String reason) throws IOException {
    String why = reason == null ? "the front does not answer" : reason;
    if (navigation) {
      String page = WAITING.formatted(why.replace("&", "&amp;").replace("<", "&lt;"));
      whole(out, head(503, "text/html; charset=utf-8"), page.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } else {
      error(out, 503, "front-away", "the dashboard cannot be reached: " + why);
    }
  }

  static void error(OutputStream out, int status, String code, String message) throws IOException {
    whole(out, head(status, "application/json"), Json.text(java.util.Map.of("error", java.util.Map.of("code", code, "message", message))).getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static HttpHead head(int status, String type) {
    String reason = status == 403 ? "Forbidden" : "Service Unavailable";
    return new HttpHead("HTTP/1.1 " + status + " " + reason).set("Content-Type", type).set("Cache-Control", "no-store").set("Connection", "close");
  }

  static void whole(OutputStream out, HttpHead head, byte[] body) throws IOException {
    head.remove("Transfer-Encoding").set("Content-Length", Integer.toString(body.length)).write(out);
    out.write(body);
  }
}
