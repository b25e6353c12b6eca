package io.kubeshark.hub;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Who may call. A web page of somebody else in the same browser may not: the Host must be ours (else a foreign name was made to point at
 * us, DNS rebinding), and where the browser says which page calls (Origin), it must be our own. Sets the headers that keep our pages from
 * loading anything from elsewhere.
 */
final class Door extends Handler.Wrapper {
  private static final String POLICY =
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

  private final Set<String> hosts = new TreeSet<>();

  Door(HubOptions options, Handler inside) {
    super(inside);
    hosts.add("localhost");
    hosts.add("127.0.0.1");
    hosts.add("[::1]");
    hosts.add(options.host().indexOf(':') >= 0 ? "[" + options.host() + "]" : options.host().toLowerCase(Locale.ROOT));
    for (String host : options.hosts()) hosts.add(host.toLowerCase(Locale.ROOT));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    response.getHeaders().put("Content-Security-Policy", POLICY);
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put("Referrer-Policy", "no-referrer");
    response.getHeaders().put("Cross-Origin-Resource-Policy", "same-origin");
    String refusal = refusal(request.getHeaders().get(HttpHeader.HOST), request.getHeaders().get(HttpHeader.ORIGIN));
    if (refusal != null) {
      JsonErrors.write(new ApiError(403, "forbidden", refusal), response, callback);
      return true;
    }
    return super.handle(request, response, callback);
  }

  /** @return why the call is refused, or null */
  private String refusal(String hostHeader, String origin) {
    if (hostHeader == null || !hosts.contains(withoutPort(hostHeader).toLowerCase(Locale.ROOT))) {
      return "this hub does not answer to the name '" + (hostHeader == null ? "" : hostHeader) + "': use localhost, or name it with --host";
    }
    if (origin == null) return null; // not a browser, or a page's own GET
    boolean own = origin.equalsIgnoreCase("http://" + hostHeader) || origin.equalsIgnoreCase("https://" + hostHeader);
    return own ? null : "the page at '" + origin + "' may not call this hub";
  }

  private static String withoutPort(String host) {
    int bracket = host.indexOf(']');
    int colon = host.indexOf(':', Math.max(0, bracket));
    return colon < 0 ? host : host.substring(0, colon);
  }
}
