package io.kubeshark.core;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The protocols that a worker can name: what makes its records readable. Immutable. */
public final class Schema {
  private final Map<String, ProtocolInfo> byId = new LinkedHashMap<>();

  public Schema(Collection<ProtocolInfo> protocols) {
    for (ProtocolInfo protocol : protocols) {
      if (byId.put(protocol.id(), protocol) != null) throw new IllegalArgumentException("two protocols are named '" + protocol.id() + "'");
    }
  }

  public Collection<ProtocolInfo> protocols() {
    return byId.values();
  }

  /** The protocol with this id, or null. */
  public ProtocolInfo protocol(String id) {
    return byId.get(id);
  }
}
