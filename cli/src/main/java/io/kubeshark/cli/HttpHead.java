package io.kubeshark.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Start line and headers of an HTTP/1.1 message (RFC 9112 sections 2 and 5), in the order in which they came. */
final class HttpHead {
  private static final int BYTES_MAX = 64 << 10;

  private record Header(String name, String value) {}

  private String start;
  private final List<Header> headers = new ArrayList<>();

  HttpHead(String start) {
    this.start = start;
  }

  /** @return null if the sender closed before the first byte; @throws IOException if it is no head, or over 64 KiB */
  static HttpHead read(InputStream in) throws IOException {
    int[] left = {BYTES_MAX};
    String start = line(in, left);
    while (start != null && start.isEmpty()) start = line(in, left); // section 2.2: tolerated before a request
    if (start == null) return null;
    HttpHead head = new HttpHead(start);
    if (head.words().length < 2) throw new IOException("not HTTP/1.1: '" + start + "'");
    for (String line = line(in, left); !"".equals(line); line = line(in, left)) {
      int colon = line == null ? -1 : line.indexOf(':');
      if (colon <= 0) throw new IOException(line == null ? "the connection ended inside of headers" : "not a header: '" + line + "'");
      head.headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return head;
  }

  /** @return null at the end of the stream */
  static String line(InputStream in, int[] left) throws IOException {
    StringBuilder line = new StringBuilder(80);
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        if (line.isEmpty()) return null;
        throw new IOException("the connection ended inside of a line");
      }
      if (--left[0] < 0) throw new IOException("headers over " + BYTES_MAX + " bytes");
      if (next != '\r') line.append((char) next);
    }
    return line.toString();
  }

  void write(OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder(512).append(start).append("\r\n");
    for (Header header : headers) text.append(header.name).append(": ").append(header.value).append("\r\n");
    out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private String[] words() {
    return start.split(" ", 3);
  }

  String method() {
    return words()[0];
  }

  /** Of a request: path and query. */
  String target() {
    return words()[1];
  }

  void target(String target) {
    start = method() + " " + target + " HTTP/1.1";
  }

  /** Of a response; 0 if it is none. */
  int status() {
    try {
      return start.startsWith("HTTP/") ? Integer.parseInt(words()[1].strip()) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** The first of this name, or null. */
  String get(String name) {
    for (Header header : headers) if (header.name.equalsIgnoreCase(name)) return header.value;
    return null;
  }

  boolean has(String name, String word) {
    String value = get(name);
    return value != null && value.toLowerCase(Locale.ROOT).contains(word);
  }

  HttpHead remove(String... names) {
    headers.removeIf(header -> {
      for (String name : names) if (header.name.equalsIgnoreCase(name)) return true;
      return false;
    });
    return this;
  }

  HttpHead set(String name, String value) {
    remove(name);
    headers.add(new Header(name, value));
    return this;
  }
}
