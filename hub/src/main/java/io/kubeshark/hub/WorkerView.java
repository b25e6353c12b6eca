package io.kubeshark.hub;

import io.kubeshark.core.Schema;
import io.kubeshark.render.Names;
import io.kubeshark.render.RowJson;
import io.kubeshark.wire.SchemaCodec;
import io.kubeshark.wire.proto.Hello;

/** What a worker said of itself, and how its records are written. */
record WorkerView(Hello hello, Names names, Schema schema, RowJson rows) {
  static WorkerView of(Hello hello) {
    Names names = new Names(hello.getWorker(), hello.getNode(), hello.getNodeIp());
    Schema schema = SchemaCodec.decode(hello.getProtocolsList());
    return new WorkerView(hello, names, schema, new RowJson(schema, names));
  }
}
