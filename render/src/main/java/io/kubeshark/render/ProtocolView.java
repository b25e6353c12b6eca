package io.kubeshark.render;

import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A protocol with everything about it that is written again and again already encoded. */
final class ProtocolView {

  final ProtocolInfo info;
  final byte[] id;
  /** {@code "http"} with its quotes. */
  final byte[] idText;
  /** The entry JSON's protocol object. */
  final byte[] object;
  private final byte[][] keys;
  private final byte[][][] columnKeys;

  private ProtocolView(ProtocolInfo info) {
    this.info = info;
    id = info.id().getBytes(StandardCharsets.US_ASCII);
    idText = new JsonWriter(32).string(info.id()).toByteArray();
    object = new JsonWriter(256).beginObject()
        .key("name").string(info.id())
        .key("longName").string(info.longName())
        .key("abbreviation").string(info.abbreviation())
        .key("layer").string(info.layer())
        .endObject().toByteArray();
    List<FieldSpec> fields = info.fields();
    keys = new byte[fields.size()][];
    columnKeys = new byte[fields.size()][][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = JsonWriter.encodeKey(fields.get(i).name());
      columnKeys[i] = fields.get(i).columns().stream().map(JsonWriter::encodeKey).toArray(byte[][]::new);
    }
  }

  /** The encoded key of a field; one of another version's is named by its number. */
  byte[] key(int fieldId) {
    return fieldId < keys.length ? keys[fieldId] : JsonWriter.encodeKey("field_" + fieldId);
  }

  byte[] columnKey(int fieldId, int column) {
    if (fieldId < columnKeys.length && column < columnKeys[fieldId].length) return columnKeys[fieldId][column];
    return JsonWriter.encodeKey("column_" + column);
  }

  static ProtocolView[] of(Schema schema) {
    return schema.protocols().stream().map(ProtocolView::new).toArray(ProtocolView[]::new);
  }

  /** The entry's protocol. A dozen short comparisons cost less than a map's key. */
  static ProtocolView find(ProtocolView[] protocols, EntryView entry) {
    for (ProtocolView protocol : protocols) if (entry.isProtocol(protocol.id)) return protocol;
    String id = entry.protocol();
    return new ProtocolView(new ProtocolInfo(id.isEmpty() ? "unknown" : id, id, id, "l7", "#666", "#fff", "", List.of(), List.of(),
        new ProtocolInfo.Row(null, null, null), List.of()));
  }

}
