package io.kubeshark.hub;

import io.kubeshark.render.JsonWriter;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What the server itself refuses (no such path, bad request) is told as docs/api.md tells errors, without stack traces. */
final class JsonErrors implements Request.Handler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus() == 0 ? 500 : response.getStatus();
    write(new ApiError(status, status == 404 ? "not-found" : "http-" + status, HttpStatus.getMessage(status) + ": " + Request.getPathInContext(request)), response, callback);
    return true;
  }

  static void write(ApiError error, Response response, Callback callback) {
    JsonWriter out = new JsonWriter(256);
    error.write(out);
    response.setStatus(error.status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, ByteBuffer.wrap(out.array(), 0, out.length()), callback);
  }
}
