package io.kubeshark.hub;

import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.kfl.Kfl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/** All workers, and the language that fits their entries. */
final class Workers implements AutoCloseable {
  private final List<WorkerConnection> connections;
  /** Made again when a worker says something new. */
  private volatile Language language = new Language(List.of(), new Schema(List.of()), new Kfl(new Schema(List.of())));

  private record Language(List<Schema> of, Schema schema, Kfl kfl) {}

  Workers(List<WorkerAddress> addresses, WebSocketClient client) {
    connections = addresses.stream().map(address -> new WorkerConnection(address, client)).toList();
  }

  List<WorkerConnection> all() {
    return connections;
  }

  List<WorkerView> views() {
    return connections.stream().map(WorkerConnection::view).filter(Objects::nonNull).toList();
  }

  void awaitFirst(long timeoutMs) throws InterruptedException {
    for (WorkerConnection connection : connections) connection.awaitFirst(timeoutMs);
  }

  /** @throws ApiError if no such worker is known */
  WorkerConnection named(String worker) throws ApiError {
    for (WorkerConnection connection : connections) {
      if (connection.view() != null && connection.view().names().worker().equals(worker)) return connection;
    }
    throw new ApiError(404, "unknown", "there is no worker '" + worker + "'");
  }

  Schema schema() {
    return language().schema;
  }

  Kfl kfl() {
    return language().kfl;
  }

  private Language language() {
    List<Schema> schemas = views().stream().map(WorkerView::schema).toList();
    Language now = language;
    if (now.of.equals(schemas)) return now;
    Map<String, ProtocolInfo> merged = new LinkedHashMap<>();
    for (Schema schema : schemas) for (ProtocolInfo protocol : schema.protocols()) merged.putIfAbsent(protocol.id(), protocol);
    Schema schema = new Schema(merged.values());
    language = now = new Language(schemas, schema, new Kfl(schema));
    return now;
  }

  @Override
  public void close() {
    connections.forEach(WorkerConnection::close);
  }
}
