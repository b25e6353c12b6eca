package io.kubeshark.cli;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Through the API server's own proxy to a service: one connection to the API server carries everything, WebSockets too. */
final class ApiServerUpstream implements Upstream {
  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final int HTTPS_PORT = 443;

  private final Config config;
  private final URI server;
  private final String prefix;
  private final SSLContext tls;

  /** @param service {@code name:port} */
  ApiServerUpstream(Config config, String namespace, String service) {
    this.config = config;
    server = URI.create(config.getMasterUrl());
    String path = server.getPath() == null ? "" : server.getPath().replaceAll("/+$", "");
    prefix = path + "/api/v1/namespaces/" + namespace + "/services/" + service + "/proxy";
    try {
      tls = "https".equals(server.getScheme()) ? SSLUtils.sslContext(config) : null;
    } catch (GeneralSecurityException | IOException e) {
      throw new Failure("the certificates of the kubeconfig cannot be used: " + e.getMessage());
    }
  }

  private int port() {
    return server.getPort() > 0 ? server.getPort() : tls == null ? 80 : HTTPS_PORT;
  }

  @Override
  public Socket open() throws IOException {
    Socket plain = new Socket();
    try {
      URI proxy = proxy();
      plain.setTcpNoDelay(true);
      plain.connect(proxy == null ? new InetSocketAddress(server.getHost(), port()) : new InetSocketAddress(proxy.getHost(), proxy.getPort()), CONNECT_TIMEOUT_MS);
      if (proxy != null) tunnel(plain);
      return tls == null ? plain : secure(plain);
    } catch (IOException e) {
      plain.close();
      throw new IOException("the API server " + server + " cannot be reached: " + e.getMessage(), e);
    }
  }

  private Socket secure(Socket plain) throws IOException {
    SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(plain, server.getHost(), port(), true);
    if (!config.isTrustCerts() && !config.isDisableHostnameVerification()) {
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
    }
    secure.startHandshake();
    return secure;
  }

  private URI proxy() {
    String url = "https".equals(server.getScheme()) ? config.getHttpsProxy() : config.getHttpProxy();
    if (url == null || url.isBlank()) return null;
    if (config.getNoProxy() != null) for (String host : config.getNoProxy()) if (!host.isBlank() && server.getHost().endsWith(host.strip())) return null;
    return URI.create(url.contains("://") ? url : "http://" + url);
  }

  private void tunnel(Socket socket) throws IOException {
    HttpHead connect = new HttpHead("CONNECT " + server.getHost() + ":" + port() + " HTTP/1.1").set("Host", server.getHost() + ":" + port());
    connect.write(socket.getOutputStream());
    HttpHead answer = HttpHead.read(new BufferedInputStream(socket.getInputStream(), 1));
    if (answer == null || answer.status() / 100 != 2) throw new IOException("the HTTP proxy refuses: " + (answer == null ? "it closed" : answer.status()));
  }

  @Override
  public String pathPrefix() {
    return prefix;
  }

  @Override
  public void authorize(HttpHead request) {
    request.set("Host", server.getHost() + (server.getPort() > 0 ? ":" + server.getPort() : ""));
    String token = config.getOauthTokenProvider() != null ? config.getOauthTokenProvider().getToken()
        : config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
    if (token != null && !token.isBlank()) {
      request.set("Authorization", "Bearer " + token);
    } else if (config.getUsername() != null && config.getPassword() != null) {
      String pair = config.getUsername() + ":" + config.getPassword();
      request.set("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Override
  public String toString() {
    return "API-server proxy";
  }
}
