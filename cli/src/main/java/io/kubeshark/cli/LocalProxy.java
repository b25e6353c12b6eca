package io.kubeshark.cli;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** The dashboard on this machine: a port that stays open and leads to wherever the front is at the moment. */
final class LocalProxy implements AutoCloseable {
  /** A browser has six, and one a WebSocket. */
  private static final int CONNECTIONS_MAX = 256;

  private final ServerSocket listener;
  private final FrontRoute route;
  private final ProxyDoor door;
  private final String host;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Semaphore free = new Semaphore(CONNECTIONS_MAX);

  /** @param port 0: any that is free; @throws Failure if it cannot be had */
  LocalProxy(String host, int port, FrontRoute route) {
    this.host = host;
    this.route = route;
    door = new ProxyDoor(host);
    try {
      listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (BindException e) {
      throw new Failure("port " + port + " of " + host + " cannot be had (" + e.getMessage() + "): choose another with --proxy-front-port");
    } catch (IOException e) {
      throw new Failure("cannot listen on " + host + ":" + port + ": " + e.getMessage());
    }
    Thread.ofVirtual().name("proxy").start(this::accept);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket browser = listener.accept();
        if (!free.tryAcquire()) {
          browser.close();
          continue;
        }
        open.add(browser);
        Thread.ofVirtual().start(() -> {
          try {
            new ProxiedConnection(browser, route, door).run();
          } finally {
            open.remove(browser);
            free.release();
          }
        });
      } catch (IOException e) {
        // Closed, or one connection failed before it began.
      }
    }
  }

  String url() {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listener.getLocalPort();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) socket.close();
    } catch (IOException e) {
      // The process ends.
    }
    route.close();
  }
}
