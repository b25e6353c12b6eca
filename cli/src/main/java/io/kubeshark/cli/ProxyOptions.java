package io.kubeshark.cli;

import picocli.CommandLine.Option;

/** Where the dashboard is shown on this machine. */
final class ProxyOptions {
  @Option(names = {"--port", "--proxy-front-port"}, paramLabel = "PORT", description = "Port of the dashboard (default 8899).")
  private Integer port;

  @Option(names = {"--host", "--proxy-host"}, paramLabel = "ADDRESS",
      description = "Address of the dashboard (default 127.0.0.1). There is no login: any other address shows the traffic to whoever reaches it.")
  private String host;

  @Option(names = "--no-open", description = "Do not open a browser.")
  private boolean noOpen;

  private static final int PORT_MAX = 65_535;

  Config into(Config config) {
    config.withOption("--proxy-front-port", "tap.proxy.front.port", port).withOption("--proxy-host", "tap.proxy.host", host);
    if (noOpen) config.withOption("--no-open", "headless", true);
    int chosen = config.number("tap.proxy.front.port");
    if (chosen < 0 || chosen > PORT_MAX) throw new Failure(Failure.USAGE, "--port is from 0 (any that is free) to " + PORT_MAX + ", not " + chosen);
    return config;
  }

  /** Without a configuration file. */
  int portOr(int usual) {
    if (port != null && (port < 0 || port > PORT_MAX)) throw new Failure(Failure.USAGE, "--port is from 0 (any that is free) to " + PORT_MAX + ", not " + port);
    return port == null ? usual : port;
  }

  String hostOr(String usual) {
    return host == null ? usual : host;
  }

  boolean noOpen() {
    return noOpen;
  }
}
