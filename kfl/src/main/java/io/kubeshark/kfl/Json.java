package io.kubeshark.kfl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reader of JSON text (RFC 8259) that may be cut or damaged: bounded in depth and in what it makes, and an error is an answer. A value
 * that is whole is found even when the text after it is not there.
 */
final class Json {
  private static final int DEPTH_MAX = 64;
  private static final int VALUES_MAX = 10_000;
  private static final RuntimeException DAMAGED = new RuntimeException(null, null, false, false) {
    private static final long serialVersionUID = 1;
  };

  private final byte[] array;
  private final int end;
  private int at;
  private int values;
  /** Inside an object or array. */
  private boolean nested;

  private Json(Slice text) {
    array = text.array;
    at = text.at;
    end = text.at + text.length;
  }

  /** What the path finds, or {@link Node#FAILED}. */
  static Object find(Slice text, JsonPath path) {
    try {
      return new Json(text).step(path.steps(), 0);
    } catch (RuntimeException e) {
      if (e == DAMAGED) return Node.FAILED;
      throw e;
    }
  }

  /** Reads the value here, or goes on into it. Of several members of the same name the first counts: what follows need not be read. */
  private Object step(List<Object> steps, int index) {
    skipBlanks();
    if (index == steps.size()) return value(0);
    Object step = steps.get(index);
    int open = peek();
    if (step instanceof String name && open == '{') return member(name, steps, index);
    if (step instanceof Integer position && open == '[') return position == JsonPath.EVERY ? every(steps, index) : item(position, steps, index);
    return Node.FAILED;
  }

  private Object member(String name, List<Object> steps, int index) {
    open();
    for (boolean more = !closes('}'); more; more = comma('}')) {
      skipBlanks();
      String key = string();
      expect(':');
      if (key.equals(name)) return step(steps, index + 1);
      skip();
    }
    return Node.FAILED;
  }

  private Object item(int wanted, List<Object> steps, int index) {
    open();
    int position = 0;
    for (boolean more = !closes(']'); more; more = comma(']')) {
      if (position++ == wanted) return step(steps, index + 1);
      skip();
    }
    return Node.FAILED;
  }

  /** What the rest of the path finds in each item; items without it are left out. */
  private Object every(List<Object> steps, int index) {
    List<Object> all = new ArrayList<>();
    open();
    for (boolean more = !closes(']'); more; more = comma(']')) {
      int start = at;
      Object value = step(steps, index + 1);
      if (value != Node.FAILED) all.add(value);
      at = start;
      skip();
    }
    return all;
  }

  private void open() {
    at++;
    nested = true;
  }

  private Object value(int depth) {
    if (depth > DEPTH_MAX || ++values > VALUES_MAX) throw DAMAGED;
    skipBlanks();
    return switch (peek()) {
      case '{' -> {
        Map<String, Object> map = new LinkedHashMap<>();
        open();
        for (boolean more = !closes('}'); more; more = comma('}')) {
          skipBlanks();
          String key = string();
          expect(':');
          map.put(key, value(depth + 1));
        }
        yield map;
      }
      case '[' -> {
        List<Object> list = new ArrayList<>();
        open();
        for (boolean more = !closes(']'); more; more = comma(']')) list.add(value(depth + 1));
        yield list;
      }
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  /** Over a value of any depth, without recursion. */
  private void skip() {
    int depth = 0;
    do {
      skipBlanks();
      int c = peek();
      if (c == '"') {
        skipString();
      } else if (c == '{' || c == '[') {
        depth++;
        at++;
        continue;
      } else if (c == '}' || c == ']') {
        depth--;
        at++;
      } else if (c == ',' || c == ':') {
        at++;
        continue;
      } else {
        int start = at;
        while (at < end && isWordPart(array[at])) at++;
        if (at == start) throw DAMAGED;
      }
    } while (depth > 0);
    if (depth < 0) throw DAMAGED;
  }

  private static boolean isWordPart(byte b) {
    return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-' || b == '+' || b == '.';
  }

  private void skipString() {
    at++;
    while (at < end && array[at] != '"') at += array[at] == '\\' ? 2 : 1;
    if (at >= end) throw DAMAGED;
    at++;
  }

  private String string() {
    if (peek() != '"') throw DAMAGED;
    int start = at + 1;
    skipString();
    String raw = new String(array, start, at - 1 - start, java.nio.charset.StandardCharsets.UTF_8);
    return raw.indexOf('\\') < 0 ? raw : unescaped(raw);
  }

  private static String unescaped(String raw) {
    StringBuilder text = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '\\' || i + 1 == raw.length()) {
        text.append(c);
        continue;
      }
      char escape = raw.charAt(++i);
      int plain = "bfnrt".indexOf(escape);
      if (escape == 'u') {
        if (i + 4 >= raw.length() || !raw.substring(i + 1, i + 5).matches("[0-9a-fA-F]{4}")) throw DAMAGED;
        text.append((char) Integer.parseInt(raw, i + 1, i + 5, 16));
        i += 4;
      } else {
        text.append(plain < 0 ? escape : "\b\f\n\r\t".charAt(plain));
      }
    }
    return text.toString();
  }

  private Object number() {
    int start = at;
    boolean real = false;
    while (at < end && isWordPart(array[at])) {
      real |= array[at] == '.' || array[at] == 'e' || array[at] == 'E';
      at++;
    }
    if (start == at || at == end && nested) throw DAMAGED; // a number that ends with the text may be cut
    String source = new String(array, start, at - start, java.nio.charset.StandardCharsets.ISO_8859_1);
    try {
      if (!real) return Long.valueOf(source);
    } catch (NumberFormatException tooLarge) {
      // read as a double below
    }
    try {
      char last = source.charAt(source.length() - 1);
      if (last == 'd' || last == 'f' || last == 'D' || last == 'F') throw DAMAGED; // Java's own suffixes
      return Double.valueOf(source);
    } catch (NumberFormatException e) {
      throw DAMAGED;
    }
  }

  private Object word(String word, Object value) {
    for (int i = 0; i < word.length(); i++, at++) if (at >= end || array[at] != word.charAt(i)) throw DAMAGED;
    return value;
  }

  private boolean closes(char close) {
    skipBlanks();
    if (at >= end || array[at] != close) return false;
    at++;
    return true;
  }

  /** @return whether another item follows */
  private boolean comma(char close) {
    skipBlanks();
    if (at >= end) throw DAMAGED;
    if (array[at] == ',') {
      at++;
      return true;
    }
    if (array[at++] != close) throw DAMAGED;
    return false;
  }

  private void expect(char c) {
    skipBlanks();
    if (at >= end || array[at++] != c) throw DAMAGED;
  }

  private int peek() {
    if (at >= end) throw DAMAGED;
    return array[at];
  }

  private void skipBlanks() {
    while (at < end && (array[at] == ' ' || array[at] == '\n' || array[at] == '\r' || array[at] == '\t')) at++;
  }
}
