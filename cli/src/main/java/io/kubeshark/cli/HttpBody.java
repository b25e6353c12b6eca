package io.kubeshark.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** How long a message's body is (RFC 9112 section 6), and its way from one connection to another, in pieces as they come. */
final class HttpBody {
  private static final int PIECE_BYTES = 32 << 10;
  private static final long UNTIL_CLOSED = -1;
  private static final long CHUNKED = -2;

  private final long length;

  private HttpBody(long length) {
    this.length = length;
  }

  static HttpBody ofRequest(HttpHead request) throws IOException {
    if (request.has("Transfer-Encoding", "chunked")) return new HttpBody(CHUNKED);
    return new HttpBody(request.get("Content-Length") == null ? 0 : length(request));
  }

  static HttpBody ofResponse(HttpHead request, HttpHead response) throws IOException {
    int status = response.status();
    if (request.method().equals("HEAD") || status / 100 == 1 || status == 204 || status == 304) return new HttpBody(0);
    if (response.has("Transfer-Encoding", "chunked")) return new HttpBody(CHUNKED);
    return new HttpBody(response.get("Content-Length") == null ? UNTIL_CLOSED : length(response));
  }

  private static long length(HttpHead head) throws IOException {
    try {
      long length = Long.parseLong(head.get("Content-Length"));
      if (length >= 0) return length;
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IOException("no length: '" + head.get("Content-Length") + "'");
  }

  boolean isEmpty() {
    return length == 0;
  }

  /** Whether the connection can be used again behind it. */
  boolean hasEnd() {
    return length != UNTIL_CLOSED;
  }

  /** As it is framed: chunks stay chunks. */
  void copy(InputStream in, OutputStream out) throws IOException {
    if (length == CHUNKED) {
      copyChunks(in, out, true);
    } else {
      copy(in, out, length);
    }
    out.flush();
  }

  /** What is inside of the framing. @throws IOException if it is longer than {@code bytesMax} */
  byte[] read(InputStream in, int bytesMax) throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream() {
      @Override
      public void write(byte[] from, int offset, int count) {
        if (size() + count > bytesMax) throw new IllegalStateException();
        super.write(from, offset, count);
      }
    };
    try {
      if (length == CHUNKED) {
        copyChunks(in, kept, false);
      } else {
        copy(in, kept, length);
      }
    } catch (IllegalStateException e) {
      throw new IOException("a body over " + bytesMax + " bytes", e);
    }
    return kept.toByteArray();
  }

  private static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] piece = new byte[(int) Math.min(PIECE_BYTES, length < 0 ? PIECE_BYTES : Math.max(1, length))];
    for (long left = length; left != 0; ) {
      int count = in.read(piece, 0, (int) (left < 0 ? piece.length : Math.min(piece.length, left)));
      if (count < 0) {
        if (left < 0) return;
        throw new IOException("the connection ended " + left + " bytes before the end of a body");
      }
      out.write(piece, 0, count);
      if (in.available() == 0) out.flush();
      if (left > 0) left -= count;
    }
  }

  private static void copyChunks(InputStream in, OutputStream out, boolean framed) throws IOException {
    while (true) {
      String size = bounded(in);
      long length;
      try {
        length = Long.parseLong(size.split(";", 2)[0].strip(), 16);
      } catch (NumberFormatException e) {
        throw new IOException("not a chunk's size: '" + size + "'", e);
      }
      if (framed) out.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      if (length == 0) break;
      copy(in, out, length);
      bounded(in);
      if (framed) out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    String trailer;
    do {
      trailer = bounded(in);
      if (framed) out.write((trailer + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    } while (!trailer.isEmpty());
  }

  private static String bounded(InputStream in) throws IOException {
    String line = HttpHead.line(in, new int[] {8 << 10});
    if (line == null) throw new IOException("the connection ended inside of a chunked body");
    return line;
  }
}
