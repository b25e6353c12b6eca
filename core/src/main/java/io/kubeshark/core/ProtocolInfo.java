package io.kubeshark.core;

import java.util.List;

/**
 * A protocol's identity, fields and looks.
 *
 * @param id lower-case ASCII, at most {@value EntryLayout#PROTOCOL_LENGTH_MAX} characters; in records, KFL ({@code protocol == "http"})
 * @param longName as in the standard's title
 * @param abbreviation the badge's text
 * @param layer "l7" for application protocols, "l4" for connections
 * @param ports port hints: an order in which to try recognisers, never proof
 * @param flags KFL booleans that are true for its entries ({@code http}, {@code conn}); dashes in ids become underscores
 * @param row which fields make the feed's row
 */
public record ProtocolInfo(
    String id, String longName, String abbreviation, String layer, String backgroundColor, String foregroundColor, String referenceLink,
    List<Integer> ports, List<String> flags, Row row, List<FieldSpec> fields) {

  /** The fields shown in the feed's row; each may be null. */
  public record Row(FieldSpec method, FieldSpec status, FieldSpec summary) {}

  public ProtocolInfo {
    if (id.isEmpty() || id.length() > EntryLayout.PROTOCOL_LENGTH_MAX) throw new IllegalArgumentException("protocol id '" + id + "': 1–15 characters");
    ports = List.copyOf(ports);
    flags = List.copyOf(flags);
    fields = List.copyOf(fields);
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).id() != i) throw new IllegalArgumentException(id + ": field " + fields.get(i).name() + " must have id " + i);
    }
  }

  /** The field with this id, or null. */
  public FieldSpec field(int id) {
    return id < fields.size() ? fields.get(id) : null;
  }
}
