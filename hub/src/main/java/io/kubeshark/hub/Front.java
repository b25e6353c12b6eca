package io.kubeshark.hub;

import java.nio.file.Path;
import org.eclipse.jetty.http.CompressedContentFormat;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.ResourceFactory;

/** The dashboard's files. Names under {@code /assets/} carry a hash of their content and are kept for ever; the rest is asked for anew. */
final class Front extends ResourceHandler {
  private Front(Path directory) {
    setBaseResource(ResourceFactory.of(this).newResource(directory));
    setWelcomeFiles("index.html");
    setDirAllowed(false);
    setEtags(true);
    setPrecompressedFormats(CompressedContentFormat.GZIP);
  }

  /** @param directory null: none */
  static Handler files(Path directory) {
    return directory == null ? new Handler.Sequence() : new Front(directory);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    boolean hashed = Request.getPathInContext(request).startsWith("/assets/");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, hashed ? "public, max-age=31536000, immutable" : "no-cache");
    return super.handle(request, response, callback);
  }
}
