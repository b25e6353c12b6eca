package io.kubeshark.kfl;

import io.kubeshark.codec.BodyDecoder;
import io.kubeshark.codec.BodyText;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Nodes that read the fields of a record. A field that an entry does not have is its type's nothing: 0, "", false, empty. */
final class Fields {
  private Fields() {}

  /** Decoded bytes of a body that a filter looks at. */
  static final int BODY_BYTES_MAX = 1 << 20;

  /** Where a variable is found: a field, for entries of one protocol. */
  record Place(String protocolId, ProtocolMatch protocol, FieldSpec field) {}

  /** Finds the field that a variable reads. */
  interface Finder {
    /** @return start of the field, or -1 */
    int find(Evaluation e);
  }

  private record InMessage(Place[] places, FieldType type) implements Finder {
    @Override
    public int find(Evaluation e) {
      return Fields.find(places, type, e);
    }
  }

  private static final int FIELD_HEADER = new EntryView().valueAt(0);

  /** @return start of the field, or -1 */
  private static int find(Place[] places, FieldType type, Evaluation e) {
    for (Place place : places) {
      if (!place.protocol.matches(e)) continue;
      int field = find(place.field, type.ordinal(), e);
      if (field >= 0) return field;
    }
    return -1;
  }

  private static int find(FieldSpec wanted, int type, Evaluation e) {
    byte[] array = e.array;
    int request = e.offset + EntryLayout.HEADER_LENGTH;
    int response = request + e.i32(EntryLayout.REQUEST_LENGTH);
    boolean client = wanted.direction() == Direction.CLIENT;
    int end = client ? response : response + e.i32(EntryLayout.RESPONSE_LENGTH);
    for (int field = client ? request : response; field < end; ) {
      if (array[field] == (byte) wanted.id() && array[field + 1] == type) return field;
      int length = (int) Evaluation.LE32.get(array, field + 2);
      if (length < 0) return -1; // damaged
      field += FIELD_HEADER + length;
    }
    return -1;
  }

  static Node node(FieldType type, Place[] places, Type shown) {
    return switch (type) {
      case INT -> new OfInt(places);
      case BOOL -> new OfBool(places);
      case STRING -> new OfString(places);
      case BODY -> new Body(places);
      case MAP -> new OfMap(shown, new InMessage(places, type));
      case LIST -> new Items(places);
      case TABLE -> new Table(places);
    };
  }

  private static final class OfInt extends Node.OfInt {
    private final Place[] places;

    OfInt(Place[] places) {
      super(Type.INT);
      this.places = places;
    }

    @Override
    long integer(Evaluation e) {
      int field = find(places, FieldType.INT, e);
      return field < 0 ? 0 : e.view.intValue(field);
    }

    @Override
    int cost() {
      return COST_FIELD;
    }
  }

  private static final class OfBool extends Node.OfBool {
    private final Place[] places;

    OfBool(Place[] places) {
      this.places = places;
    }

    @Override
    int test(Evaluation e) {
      int field = find(places, FieldType.BOOL, e);
      return field >= 0 && e.view.boolValue(field) ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return COST_FIELD;
    }
  }

  private static final class OfString extends Node.OfString {
    private final Place[] places;

    OfString(Place[] places) {
      this.places = places;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      int field = find(places, FieldType.STRING, e);
      if (field < 0) out.set(e.array, 0, 0);
      else out.set(e.array, e.view.valueAt(field), e.view.valueLength(field));
      return true;
    }

    @Override
    int cost() {
      return COST_FIELD;
    }
  }

  /** A body's text; its bytes where it is not text. Decoded once per entry, however often the filter asks. */
  private static final class Body extends Node.OfString {
    private final Place[] places;
    private final Slice kept = new Slice();
    private long entry = -1;

    Body(Place[] places) {
      this.places = places;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      if (entry != e.entry) {
        load(e);
        entry = e.entry;
      }
      out.set(kept.array, kept.at, kept.length);
      return true;
    }

    private void load(Evaluation e) {
      int field = find(places, FieldType.BODY, e);
      if (field < 0) {
        kept.set(e.array, 0, 0);
        return;
      }
      kept.set(e.array, e.view.bodyAt(field), Math.min(e.view.bodyLength(field), BODY_BYTES_MAX));
      String encoding = e.view.bodyContentEncoding(field);
      if (!encoding.isEmpty()) kept.set(BodyDecoder.decode(e.array, e.view.bodyAt(field), e.view.bodyLength(field), encoding,
          BODY_BYTES_MAX).bytes());
      BodyText text = BodyText.of(kept.array, kept.at, kept.length, e.view.bodyMediaType(field));
      if (!text.text()) return;
      if (text.charset() != StandardCharsets.UTF_8) kept.set(text.decode(kept.array, kept.at, kept.length).getBytes(StandardCharsets.UTF_8));
      else kept.set(kept.array, kept.at + text.markLength(), kept.length - text.markLength());
    }

    @Override
    int cost() {
      return COST_BODY;
    }
  }

  /**
   * Names and values. Same names are one: their values joined by ", " (RFC 9110 section 5.3). A name is looked up as it is written, and if
   * it is not there, without regard to ASCII case.
   */
  static final class OfMap extends Node.OfObject {
    private final Finder finder;
    private final boolean numbers;

    OfMap(Type type, Finder finder) {
      super(type);
      this.finder = finder;
      this.numbers = type.equals(Type.INT_MAP);
    }

    boolean numbers() {
      return numbers;
    }

    @Override
    Object object(Evaluation e) {
      Map<String, Object> map = new Names();
      int field = finder.find(e);
      int item = field < 0 ? 0 : e.view.firstItem(field);
      for (int left = field < 0 ? 0 : e.view.count(field); left > 0; left--) {
        String name = e.view.itemText(item);
        item = e.view.nextItem(item);
        String value = e.view.itemText(item);
        item = e.view.nextItem(item);
        if (!numbers) map.merge(name, value, (a, b) -> a + ", " + b);
        else if (Values.toInt(value) instanceof Long number) map.merge(name, number, (a, b) -> (Long) a + (Long) b);
      }
      return map;
    }

    /** Value of a name, without making the map. @return false if the name is not there */
    boolean get(Evaluation e, byte[] name, Slice scratch, Slice out) {
      int field = finder.find(e);
      return field >= 0 && (get(e, field, name, scratch, out, false) || get(e, field, name, scratch, out, true));
    }

    private static boolean get(Evaluation e, int field, byte[] name, Slice scratch, Slice out, boolean ignoringCase) {
      boolean found = false;
      int item = e.view.firstItem(field);
      for (int left = e.view.count(field); left > 0; left--) {
        int value = e.view.nextItem(item);
        scratch.set(e.array, e.view.itemAt(item), e.view.itemLength(item));
        if (ignoringCase ? scratch.isIgnoringCase(name) : scratch.is(name)) {
          if (found) join(out, e.array, e.view.itemAt(value), e.view.itemLength(value));
          else out.set(e.array, e.view.itemAt(value), e.view.itemLength(value));
          found = true;
        }
        item = e.view.nextItem(value);
      }
      return found;
    }

    private static void join(Slice out, byte[] array, int at, int length) {
      byte[] both = java.util.Arrays.copyOfRange(out.array, out.at, out.at + out.length + 2 + length);
      both[out.length] = ',';
      both[out.length + 1] = ' ';
      System.arraycopy(array, at, both, out.length + 2, length);
      out.set(both);
    }

    @Override
    int cost() {
      return COST_OBJECT;
    }
  }

  /** What {@link OfMap} makes when a whole map is wanted. */
  static final class Names extends LinkedHashMap<String, Object> {
    private static final long serialVersionUID = 1;

    @Override
    public Object get(Object key) {
      Object exact = super.get(key);
      if (exact != null || !(key instanceof String name)) return exact;
      Object found = null;
      for (Map.Entry<String, Object> entry : entrySet()) {
        if (!sameIgnoringAsciiCase(entry.getKey(), name)) continue;
        found = found == null ? entry.getValue() : found instanceof Long sum ? (Object) (sum + (Long) entry.getValue()) : found + ", "
            + entry.getValue();
      }
      return found;
    }

    @Override
    public boolean containsKey(Object key) {
      return get(key) != null;
    }

    private static boolean sameIgnoringAsciiCase(String a, String b) {
      if (a.length() != b.length()) return false;
      for (int i = 0; i < a.length(); i++) if (lower(a.charAt(i)) != lower(b.charAt(i))) return false;
      return true;
    }

    private static int lower(char c) {
      return c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
  }

  /** {@code request.headers["host"]} or {@code map_get(request.headers, "host", "")}. */
  static final class Lookup extends Node.OfString {
    private final OfMap map;
    private final Node name;
    private final Node otherwise;
    private final Slice nameSlice = new Slice();
    private final Slice scratch = new Slice();

    /** @param otherwise null: a missing name is an error */
    Lookup(OfMap map, Node name, Node otherwise) {
      this.map = map;
      this.name = name;
      this.otherwise = otherwise;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      if (!name.string(e, nameSlice)) return false;
      if (otherwise != null && !otherwise.string(e, out)) return false; // an error there is an error here
      return map.get(e, nameSlice.bytes(), scratch, out) || otherwise != null;
    }

    @Override
    int cost() {
      return COST_SEARCH;
    }
  }

  /** {@code "host" in request.headers}, {@code has(request.headers.host)}. */
  static final class HasName extends Node.OfBool {
    private final OfMap map;
    private final Node name;
    private final Slice nameSlice = new Slice();
    private final Slice scratch = new Slice();
    private final Slice value = new Slice();

    HasName(OfMap map, Node name) {
      this.map = map;
      this.name = name;
    }

    @Override
    int test(Evaluation e) {
      if (!name.string(e, nameSlice)) return ERROR;
      return map.get(e, nameSlice.bytes(), scratch, value) ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return COST_SEARCH;
    }
  }

  /** Texts, one of which can be looked for without making the list. */
  abstract static class OfList extends Node.OfObject {
    OfList() {
      super(Type.STRING_LIST);
    }

    abstract boolean contains(Evaluation e, Slice wanted, Slice scratch);
  }

  private static final class Items extends OfList {
    private final Place[] places;

    Items(Place[] places) {
      this.places = places;
    }

    @Override
    Object object(Evaluation e) {
      int field = find(places, FieldType.LIST, e);
      if (field < 0) return Collections.emptyList();
      List<Object> list = new ArrayList<>();
      int item = e.view.firstItem(field);
      for (int left = e.view.count(field); left > 0; left--, item = e.view.nextItem(item)) list.add(e.view.itemText(item));
      return list;
    }

    @Override
    boolean contains(Evaluation e, Slice wanted, Slice scratch) {
      int field = find(places, FieldType.LIST, e);
      int item = field < 0 ? 0 : e.view.firstItem(field);
      for (int left = field < 0 ? 0 : e.view.count(field); left > 0; left--, item = e.view.nextItem(item)) {
        scratch.set(e.array, e.view.itemAt(item), e.view.itemLength(item));
        if (scratch.is(wanted)) return true;
      }
      return false;
    }
  }

  /** {@code "A" in dns_question_types}. */
  static final class HasItem extends Node.OfBool {
    private final OfList list;
    private final Node item;
    private final Slice wanted = new Slice();
    private final Slice scratch = new Slice();

    HasItem(OfList list, Node item) {
      this.list = list;
      this.item = item;
    }

    @Override
    int test(Evaluation e) {
      if (!item.string(e, wanted)) return ERROR;
      return list.contains(e, wanted, scratch) ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return COST_SEARCH;
    }
  }

  /** Rows as maps from column to cell. */
  private static final class Table extends Node.OfObject {
    private final Place[] places;

    Table(Place[] places) {
      super(Type.STRING_TABLE);
      this.places = places;
    }

    @Override
    Object object(Evaluation e) {
      int field = find(places, FieldType.TABLE, e);
      if (field < 0) return Collections.emptyList();
      List<String> names = List.of();
      for (Place place : places) if (place.protocol.matches(e) && place.field.id() == e.view.fieldId(field)) names = place.field.columns();
      List<Object> rows = new ArrayList<>();
      int item = e.view.firstItem(field);
      for (int left = e.view.count(field); left > 0; left--) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int column = 0; column < e.view.columns(field); column++, item = e.view.nextItem(item)) {
          if (column < names.size()) row.put(names.get(column), e.view.itemText(item));
        }
        rows.add(row);
      }
      return rows;
    }
  }
}
