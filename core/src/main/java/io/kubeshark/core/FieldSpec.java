package io.kubeshark.core;

import java.util.List;

/**
 * One field that a protocol's messages can carry: everything that the filter language, the entry JSON and the detail pane need to
 * know of it, so that none of them has code per protocol.
 *
 * @param id number within the protocol, 0–255; it goes into records
 * @param direction CLIENT: part of the request, SERVER: part of the response
 * @param name key in the entry JSON below {@code request} or {@code response}, snake_case
 * @param type value shape
 * @param title what a person reads in front of the value, and the section's title for MAP, LIST, TABLE and BODY
 * @param variable KFL variable that reads it ({@code status_code}, {@code request.headers}), or null
 * @param doc one sentence for completion and docs
 * @param columns column names of a TABLE, else empty
 */
public record FieldSpec(int id, Direction direction, String name, FieldType type, String title, String variable, String doc, List<String> columns) {

  public FieldSpec {
    if (id < 0 || id > 255) throw new IllegalArgumentException("field " + name + ": id " + id + " is not in 0–255");
    columns = List.copyOf(columns);
    if ((type == FieldType.TABLE) == columns.isEmpty()) throw new IllegalArgumentException("field " + name + ": columns belong to TABLE fields");
  }

  public static FieldSpec request(int id, String name, FieldType type, String title, String variable, String doc) {
    return new FieldSpec(id, Direction.CLIENT, name, type, title, variable, doc, List.of());
  }

  public static FieldSpec response(int id, String name, FieldType type, String title, String variable, String doc) {
    return new FieldSpec(id, Direction.SERVER, name, type, title, variable, doc, List.of());
  }

  /** A TABLE field with these column names. */
  public static FieldSpec table(int id, Direction direction, String name, String title, String variable, String doc, String... columns) {
    return new FieldSpec(id, direction, name, FieldType.TABLE, title, variable, doc, List.of(columns));
  }
}
