package io.kubeshark.dissect;

import io.kubeshark.core.Connection;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/** The protocols of this build. */
public final class Protocols {
  private final List<Protocol> all;
  /** Candidates by transport &lt;&lt; 16 | port; for ports that no protocol hints at, port 0. Not made for each connection. */
  private final Map<Integer, List<Protocol>> candidates = new HashMap<>();

  public Protocols(List<Protocol> all) {
    this.all = List.copyOf(all);
    for (int transport : new int[] {Connection.TCP, Connection.UDP}) {
      candidates.put(transport << 16, order(transport, 0));
      for (Protocol protocol : all) for (int port : protocol.info().ports()) candidates.put(transport << 16 | port, order(transport, port));
    }
  }

  /** All that are on the class path, in the order of their ids, so that two builds ask recognisers in the same order. */
  public static Protocols installed() {
    List<Protocol> found = new ArrayList<>();
    ServiceLoader.load(Protocol.class).forEach(found::add);
    found.sort(java.util.Comparator.comparing(protocol -> protocol.info().id()));
    return new Protocols(found);
  }

  public List<Protocol> all() {
    return all;
  }

  /** The protocol with this id, or null. */
  Protocol byId(String id) {
    for (Protocol protocol : all) if (protocol.info().id().equals(id)) return protocol;
    return null;
  }

  /** Those over a transport; first the ones that hint at this port. */
  List<Protocol> candidates(int transport, int serverPort) {
    List<Protocol> hinted = candidates.get(transport << 16 | serverPort);
    return hinted != null ? hinted : candidates.get(transport << 16);
  }

  private List<Protocol> order(int transport, int serverPort) {
    List<Protocol> hinted = new ArrayList<>();
    List<Protocol> others = new ArrayList<>();
    for (Protocol protocol : all) {
      if (!protocol.runsOver(transport)) continue;
      (protocol.info().ports().contains(serverPort) ? hinted : others).add(protocol);
    }
    hinted.addAll(others);
    return List.copyOf(hinted);
  }

  /** Of all entries that a worker with these protocols can write: theirs and the connections'. */
  public Schema schema() {
    List<ProtocolInfo> infos = new ArrayList<>();
    for (Protocol protocol : all) infos.add(protocol.info());
    infos.add(ConnectionEntries.TCP);
    infos.add(ConnectionEntries.UDP);
    return new Schema(infos);
  }
}
