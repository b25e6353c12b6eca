package io.kubeshark.kfl;

/** A type of the language: CEL's, less unsigned numbers, bytes and messages, which entries do not have. */
record Type(Kind kind, Type key, Type element) {
  enum Kind { BOOL, INT, DOUBLE, STRING, NULL, TIMESTAMP, DURATION, LIST, MAP, DYN }

  static final Type BOOL = new Type(Kind.BOOL, null, null);
  static final Type INT = new Type(Kind.INT, null, null);
  static final Type DOUBLE = new Type(Kind.DOUBLE, null, null);
  static final Type STRING = new Type(Kind.STRING, null, null);
  static final Type NULL = new Type(Kind.NULL, null, null);
  static final Type TIMESTAMP = new Type(Kind.TIMESTAMP, null, null);
  static final Type DURATION = new Type(Kind.DURATION, null, null);
  /** Known only when it is there: what a JSON path finds. */
  static final Type DYN = new Type(Kind.DYN, null, null);
  static final Type STRING_LIST = list(STRING);
  static final Type STRING_MAP = map(STRING, STRING);
  static final Type INT_MAP = map(STRING, INT);
  static final Type STRING_TABLE = list(STRING_MAP);

  static Type list(Type element) {
    return new Type(Kind.LIST, null, element);
  }

  static Type map(Type key, Type value) {
    return new Type(Kind.MAP, key, value);
  }

  boolean is(Kind other) {
    return kind == other;
  }

  /** Whether values of the two types may meet: the same, or not known before. */
  boolean fits(Type other) {
    if (kind == Kind.DYN || other.kind == Kind.DYN) return true;
    if (kind != other.kind) return false;
    return switch (kind) {
      case LIST -> element.fits(other.element);
      case MAP -> key.fits(other.key) && element.fits(other.element);
      case BOOL, INT, DOUBLE, STRING, NULL, TIMESTAMP, DURATION, DYN -> true;
    };
  }

  boolean fits(Kind other) {
    return kind == other || kind == Kind.DYN;
  }

  static Type join(Type a, Type b) {
    return a.equals(b) ? a : DYN;
  }

  /** By hand, like the next: linking a record's own costs some ten milliseconds of the first filter. */
  @Override
  public boolean equals(Object other) {
    return this == other || other instanceof Type type && kind == type.kind && java.util.Objects.equals(key, type.key)
        && java.util.Objects.equals(element, type.element);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * kind.ordinal() + java.util.Objects.hashCode(key)) + java.util.Objects.hashCode(element);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case LIST -> "list<" + element + ">";
      case MAP -> "map<" + key + ", " + element + ">";
      case BOOL, INT, DOUBLE, STRING, NULL, TIMESTAMP, DURATION, DYN -> kind.name().toLowerCase(java.util.Locale.ROOT);
    };
  }
}
