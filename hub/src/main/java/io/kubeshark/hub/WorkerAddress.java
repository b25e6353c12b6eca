package io.kubeshark.hub;

import io.kubeshark.wire.BearerToken;
import java.net.URI;

/**
 * @param name first part of its entries' ids (in a cluster the node's name), or "" where the worker will say it
 * @param uri {@code ws://127.0.0.1:PORT/stream} or {@code wss://POD_IP:48999/stream}
 * @param token null where the client's certificate is what it shows
 */
public record WorkerAddress(String name, URI uri, BearerToken token) {
  public WorkerAddress(URI uri, BearerToken token) {
    this("", uri, token);
  }
}
