package io.kubeshark.hub;

import io.kubeshark.render.JsonWriter;
import io.kubeshark.wire.BearerToken;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who may call a hub in a cluster: whoever shows the release's token, by {@code X-Kubeshark-Authorization: Bearer TOKEN}, by
 * {@code Authorization}, or by the cookie that {@code POST /api/login} gives for it. Only {@code /healthz} is open. A page of somebody else
 * in the same browser may not call: the cookie does not go with its calls (SameSite), and its Origin is not the Host.
 *
 * <p>The cookie is a time and its HMAC-SHA256 (RFC 2104) under the token: any hub of the release knows it, none must remember it, and it
 * does not tell the token.
 */
final class ReleaseDoor extends Handler.Wrapper {
  static final String HEADER = "X-Kubeshark-Authorization";
  static final String COOKIE = "kubeshark";
  static final String HEALTH = "/healthz";
  private static final String LOGIN = "/api/login";
  private static final int LOGIN_BYTES_MAX = 4096;
  private static final long COOKIE_SECONDS = 12 * 3600;
  private static final String MAC = "HmacSHA256";

  private final BearerToken token;
  private final SecretKeySpec key;
  private final LongSupplier clockMs;
  private final Supplier<JsonWriter> health;

  /** @param health what {@link #HEALTH} answers; no secrets */
  ReleaseDoor(BearerToken token, LongSupplier clockMs, Supplier<JsonWriter> health, Handler inside) {
    super(inside);
    this.token = token;
    this.key = new SecretKeySpec(("kubeshark session " + token.header()).getBytes(StandardCharsets.UTF_8), MAC);
    this.clockMs = clockMs;
    this.health = health;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = Request.getPathInContext(request);
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put("Referrer-Policy", "no-referrer");
    if (path.equals(HEALTH)) {
      answer(health.get(), response, callback);
      return true;
    }
    try {
      checkOrigin(request);
      if (path.equals(LOGIN)) {
        login(request, response, callback);
        return true;
      }
      if (!known(request)) {
        response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        throw new ApiError(401, "unauthorized", "this hub wants its token: header " + HEADER + ": Bearer TOKEN, or log in by POST " + LOGIN
            + " (the token is in the release's secret kubeshark-hub-token)");
      }
      return super.handle(request, response, callback);
    } catch (ApiError e) {
      JsonErrors.write(e, response, callback);
      return true;
    }
  }

  private static void answer(JsonWriter out, Response response, Callback callback) {
    response.setStatus(200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, ByteBuffer.wrap(out.toByteArray()), callback);
  }

  /** A proxy in between may call us by another name and then says by which it was called itself; a page cannot say that for it. */
  private static void checkOrigin(Request request) throws ApiError {
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (origin == null) return;
    String authority = authority(origin);
    String host = request.getHeaders().get(HttpHeader.HOST);
    String forwarded = request.getHeaders().get(HttpHeader.X_FORWARDED_HOST);
    if (authority.isEmpty() || !authority.equalsIgnoreCase(host) && !authority.equalsIgnoreCase(forwarded)) {
      throw new ApiError(403, "forbidden", "the page at '" + origin + "' may not call this hub");
    }
  }

  private static String authority(String origin) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private boolean known(Request request) {
    if (token.matches(request.getHeaders().get(HEADER)) || token.matches(request.getHeaders().get(HttpHeader.AUTHORIZATION))) return true;
    for (HttpCookie cookie : Request.getCookies(request)) if (cookie.getName().equals(COOKIE) && valid(cookie.getValue())) return true;
    return false;
  }

  private boolean valid(String cookie) {
    int dot = cookie.indexOf('.');
    if (dot < 1 || dot > 15) return false;
    try {
      long untilSeconds = Long.parseLong(cookie.substring(0, dot));
      boolean right = MessageDigest.isEqual(cookie(untilSeconds).getBytes(StandardCharsets.US_ASCII), cookie.getBytes(StandardCharsets.UTF_8));
      return right && untilSeconds * 1000 > clockMs.getAsLong();
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private String cookie(long untilSeconds) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      return untilSeconds + "." + HexFormat.of().formatHex(mac.doFinal(Long.toString(untilSeconds).getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void login(Request request, Response response, Callback callback) throws ApiError, IOException {
    if (!request.getMethod().equals("POST")) throw new ApiError(405, "method-not-allowed", LOGIN + " is called by POST");
    byte[] body = Request.asInputStream(request).readNBytes(LOGIN_BYTES_MAX + 1);
    if (body.length > LOGIN_BYTES_MAX || !token.matches("Bearer " + tokenIn(body))) {
      throw new ApiError(401, "unauthorized", "that is not this hub's token: kubectl get secret kubeshark-hub-token -o jsonpath={.data.token} | base64 -d");
    }
    boolean secure = "https".equalsIgnoreCase(request.getHeaders().get(HttpHeader.X_FORWARDED_PROTO));
    String value = cookie(clockMs.getAsLong() / 1000 + COOKIE_SECONDS);
    response.getHeaders().add(HttpHeader.SET_COOKIE,
        COOKIE + "=" + value + "; Path=/; Max-Age=" + COOKIE_SECONDS + "; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : ""));
    answer(new JsonWriter(32).beginObject().key("ok").bool(true).endObject(), response, callback);
  }

  private static String tokenIn(byte[] body) throws ApiError {
    try {
      JsonNode json = JsonMapper.shared().readTree(body);
      return json.path("token").asString("").strip();
    } catch (JacksonException e) {
      throw ApiError.badRequest("the request's body is not JSON: {\"token\":\"…\"}");
    }
  }
}
