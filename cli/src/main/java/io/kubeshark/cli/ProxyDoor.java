package io.kubeshark.cli;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** As the hub's door on one machine: no foreign name may point at us (DNS rebinding), no foreign page may call us. */
final class ProxyDoor {
  private final Set<String> hosts = new TreeSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

  /** @param host address that the proxy listens on */
  ProxyDoor(String host) {
    hosts.add(host.indexOf(':') >= 0 ? "[" + host + "]" : host.toLowerCase(Locale.ROOT));
  }

  /** @return why the request is refused, or null */
  String refusal(HttpHead request) {
    String host = request.get("Host");
    String origin = request.get("Origin");
    if (!request.target().startsWith("/")) return "this is no proxy for other servers: ask for a path, such as /";
    if (host == null || !hosts.contains(withoutPort(host).toLowerCase(Locale.ROOT))) {
      return "this proxy does not answer to the name '" + (host == null ? "" : host) + "': use localhost, or name it with --proxy-host";
    }
    if (origin == null || origin.equalsIgnoreCase("http://" + host)) return null;
    return "the page at '" + origin + "' may not call this proxy";
  }

  private static String withoutPort(String host) {
    int colon = host.indexOf(':', Math.max(0, host.indexOf(']')));
    return colon < 0 ? host : host.substring(0, colon);
  }
}
