package io.kubeshark.core;

import static io.kubeshark.core.FieldWriter.put32;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Appends who is at both ends to a finished record, as its third block:
 *
 * <pre>
 *   u32 length of the client's names, the client's names, the server's names: fields as of {@link FieldWriter}, id = {@link NamePart} ordinal
 * </pre>
 *
 * Reading: {@link EntryView#name}. An identity is encoded once and its bytes are kept, so that an entry costs two copies. Not thread-safe.
 */
public final class EntryNames {
  /** Identities whose bytes are kept, each at most some 4 KiB; a table that answers a new object every time makes this useless. */
  private static final int KEPT_MAX = 1024;
  /** Where an identity may be kept, from its hash on. */
  private static final int PLACES = 4;
  /** Kubernetes and DNS end names at 253. */
  private static final int TEXT_BYTES_MAX = 256;
  /** Labels that would pass this are left out. */
  private static final int LABELS_BYTES_MAX = 2048;
  private static final int SIDE_BYTES_MAX = NamePart.values().length * (TEXT_BYTES_MAX + FieldWriter.FIELD_HEADER) + LABELS_BYTES_MAX;
  private static final FieldSpec[] FIELDS = fields();
  private static final byte[] NOBODY = {};

  private record Kept(Identity identity, byte[] bytes) {}

  private final Kept[] kept = new Kept[KEPT_MAX];
  private final FieldWriter scratch = new FieldWriter(512, SIDE_BYTES_MAX);
  private byte[] array = new byte[4096];

  private static FieldSpec[] fields() {
    NamePart[] parts = NamePart.values();
    FieldSpec[] fields = new FieldSpec[parts.length];
    for (NamePart part : parts) {
      FieldType type = part == NamePart.LABELS ? FieldType.MAP : FieldType.STRING;
      fields[part.ordinal()] = new FieldSpec(part.ordinal(), Direction.CLIENT, part.name(), type, part.name(), null, "", List.of());
    }
    return fields;
  }

  /** Holds what {@link #write} made, from 0 on. */
  public byte[] array() {
    return array;
  }

  /**
   * Makes a copy of a record that says who is at its ends, instead of what it said before. A record that has no room for it
   * ({@link EntryLayout#RECORD_BYTES_MAX}) is copied without, and flagged as truncated.
   *
   * @param client null: not known
   * @param server null: not known
   * @return the copy's length
   */
  public int write(byte[] record, int offset, int length, Identity client, Identity server) {
    int fields = length - (int) FieldWriter.LE32.get(record, offset + EntryLayout.NAMES_LENGTH);
    byte[] clientNames = client == null ? NOBODY : bytes(client);
    byte[] serverNames = server == null ? NOBODY : bytes(server);
    int names = clientNames.length + serverNames.length == 0 ? 0 : 4 + clientNames.length + serverNames.length;
    boolean fits = fields + names <= EntryLayout.RECORD_BYTES_MAX;
    if (!fits) names = 0;
    if (array.length < fields + names) array = new byte[Math.min(EntryLayout.RECORD_BYTES_MAX, 2 * (fields + names))];
    System.arraycopy(record, offset, array, 0, fields);
    put32(array, EntryLayout.LENGTH, fields + names);
    put32(array, EntryLayout.NAMES_LENGTH, names);
    if (!fits) put32(array, EntryLayout.FLAGS, (int) FieldWriter.LE32.get(array, EntryLayout.FLAGS) | EntryLayout.FLAG_TRUNCATED);
    if (names == 0) return fields;
    put32(array, fields, clientNames.length);
    System.arraycopy(clientNames, 0, array, fields + 4, clientNames.length);
    System.arraycopy(serverNames, 0, array, fields + 4 + clientNames.length, serverNames.length);
    return fields + names;
  }

  private byte[] bytes(Identity identity) {
    int home = System.identityHashCode(identity);
    int free = home & KEPT_MAX - 1;
    for (int i = 0; i < PLACES; i++) {
      int slot = home + i & KEPT_MAX - 1;
      if (kept[slot] == null) free = slot;
      else if (kept[slot].identity == identity) return kept[slot].bytes;
    }
    kept[free] = new Kept(identity, encode(identity));
    return kept[free].bytes;
  }

  private byte[] encode(Identity who) {
    scratch.clear();
    boolean external = who.service().isEmpty() && who.pod().isEmpty() && who.node().isEmpty() && who.namespace().isEmpty();
    String derived = !who.service().isEmpty() ? who.service() : !who.pod().isEmpty() ? who.pod() : who.node();
    if (external) text(NamePart.DNS, who.name());
    else if (!who.name().equals(derived)) text(NamePart.NAME, who.name());
    text(NamePart.NAMESPACE, who.namespace());
    text(NamePart.POD, who.pod());
    text(NamePart.SERVICE, who.service());
    if (!who.serviceNamespace().equals(who.namespace())) text(NamePart.SERVICE_NAMESPACE, who.serviceNamespace());
    text(NamePart.NODE, who.node());
    labels(who.labels());
    return Arrays.copyOf(scratch.array(), scratch.length());
  }

  private void text(NamePart part, String value) {
    if (value.isEmpty()) return;
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    scratch.stringField(FIELDS[part.ordinal()], bytes, 0, Math.min(bytes.length, TEXT_BYTES_MAX));
  }

  /** Sorted, so that the same identity is the same bytes wherever it is written. */
  private void labels(Map<String, String> labels) {
    if (labels.isEmpty()) return;
    int room = LABELS_BYTES_MAX;
    scratch.beginMap(FIELDS[NamePart.LABELS.ordinal()]);
    for (Map.Entry<String, String> label : new java.util.TreeMap<>(labels).entrySet()) {
      byte[] value = label.getValue().getBytes(StandardCharsets.UTF_8);
      room -= 8 + label.getKey().length() + value.length;
      if (room >= 0) scratch.mapEntry(label.getKey(), value, 0, value.length);
    }
    scratch.endMap();
  }
}
