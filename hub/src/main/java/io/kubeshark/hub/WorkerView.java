package io.kubeshark.hub;

import io.kubeshark.core.Schema;
import io.kubeshark.render.Names;
import io.kubeshark.render.RowJson;
import io.kubeshark.wire.SchemaCodec;
import io.kubeshark.wire.proto.Hello;
import io.kubeshark.wire.proto.Protocol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a worker said of itself, and how its records are written. {@code hello} is without the protocols: {@code schema} has them. */
record WorkerView(Hello hello, Names names, Schema schema, RowJson rows) {
  /** Different schemas that are kept: workers of one release have one. */
  private static final int SCHEMAS_MAX = 8;

  private static final Map<List<Protocol>, Schema> SCHEMAS = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<List<Protocol>, Schema> eldest) {
      return size() > SCHEMAS_MAX;
    }
  };

  /** @throws IllegalArgumentException if the schema contradicts itself */
  static WorkerView of(Hello hello) {
    Names names = new Names(hello.getWorker(), hello.getNode(), hello.getNodeIp());
    return of(hello.toBuilder().clearProtocols().build(), names, schema(hello.getProtocolsList()));
  }

  static WorkerView of(Hello hello, Names names, Schema schema) {
    return new WorkerView(hello, names, schema, new RowJson(schema, names));
  }

  /** One object for all workers that say the same: two hundred copies are tens of megabytes. */
  private static Schema schema(List<Protocol> protocols) {
    synchronized (SCHEMAS) {
      Schema schema = SCHEMAS.get(protocols);
      if (schema == null) SCHEMAS.put(protocols, schema = SchemaCodec.decode(protocols));
      return schema;
    }
  }
}
