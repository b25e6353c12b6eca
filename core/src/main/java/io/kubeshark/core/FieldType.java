package io.kubeshark.core;

/**
 * The value shapes a field can have; {@link FieldWriter} draws their bytes. The ordinal is written into records: only append.
 */
public enum FieldType {
  /** Signed 64-bit integer. */
  INT,
  /** Bytes off the wire, shown as UTF-8. */
  STRING,
  /** True or false. */
  BOOL,
  /** Ordered name–value pairs; a name may come more than once (headers). */
  MAP,
  /** Ordered strings. */
  LIST,
  /** Rows of strings under the column names of the {@link FieldSpec} (DNS answers). */
  TABLE,
  /** A payload: kept bytes (capped), its whole length on the wire, media type and content encoding. */
  BODY;

  private static final FieldType[] VALUES = values();

  /** The type with this ordinal, or null when a record from another version has one that is not known here. */
  public static FieldType of(int ordinal) {
    return ordinal >= 0 && ordinal < VALUES.length ? VALUES[ordinal] : null;
  }
}
