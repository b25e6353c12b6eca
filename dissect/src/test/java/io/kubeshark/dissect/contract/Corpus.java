package io.kubeshark.dissect.contract;

import java.util.List;
import java.util.ServiceLoader;

/** The conversations that a protocol is tested with; found by ServiceLoader (src/test/resources/META-INF/services). */
public interface Corpus {
  /** {@link io.kubeshark.core.ProtocolInfo#id}. */
  String protocol();

  List<Conversation> conversations();

  static List<Corpus> all() {
    return ServiceLoader.load(Corpus.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(java.util.Comparator.comparing(Corpus::protocol))
        .toList();
  }
}
