package io.kubeshark.kfl;

import java.util.ArrayList;
import java.util.List;

/**
 * The part of JSON path (RFC 9535) that names one place or every item: {@code $.a.b}, {@code $['a b']}, {@code $.a[0]}, {@code $.a[*].b}.
 *
 * @param steps String: member, Integer: position, {@link #EVERY}: each item
 */
record JsonPath(List<Object> steps) {
  static final int EVERY = -1;
  private static final int STEPS_MAX = 32;

  /** @return null if it is not such a path */
  static JsonPath parse(String text) {
    int at = text.startsWith("$") ? 1 : 0;
    List<Object> steps = new ArrayList<>();
    if (at == 0) text = "." + text; // "a.b" means "$.a.b"
    while (at < text.length()) {
      if (steps.size() == STEPS_MAX) return null;
      at = text.charAt(at) == '.' ? member(text, at + 1, steps) : text.charAt(at) == '[' ? bracket(text, at + 1, steps) : -1;
      if (at < 0) return null;
    }
    return new JsonPath(List.copyOf(steps));
  }

  private static int member(String text, int at, List<Object> steps) {
    int start = at;
    while (at < text.length() && text.charAt(at) != '.' && text.charAt(at) != '[') at++;
    if (at == start) return -1;
    String name = text.substring(start, at);
    steps.add(name.equals("*") ? (Object) EVERY : name);
    return at;
  }

  private static int bracket(String text, int at, List<Object> steps) {
    if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) {
      int close = text.indexOf(text.charAt(at), at + 1);
      if (close < 0 || !text.startsWith("]", close + 1)) return -1;
      steps.add(text.substring(at + 1, close));
      return close + 2;
    }
    int close = text.indexOf(']', at);
    if (close < 0) return -1;
    String inside = text.substring(at, close).strip();
    if (inside.equals("*")) steps.add(EVERY);
    else if (inside.matches("[0-9]{1,9}")) steps.add(Integer.valueOf(inside));
    else return -1;
    return close + 1;
  }

  /** {@code text.json(path)}. */
  static final class Find extends Node.OfObject {
    private final Node text;
    private final Node path;
    private final JsonPath constant;
    private final Slice slice = new Slice();

    Find(Node text, Node path, JsonPath constant) {
      super(Type.DYN);
      this.text = text;
      this.path = path;
      this.constant = constant;
    }

    @Override
    Object object(Evaluation e) {
      JsonPath wanted = constant;
      if (wanted == null) {
        if (!(path.object(e) instanceof String source)) return FAILED;
        wanted = parse(source);
        if (wanted == null) return FAILED;
      }
      return text.string(e, slice) ? Json.find(slice, wanted) : FAILED;
    }

    @Override
    int cost() {
      return text.cost() + 10 * COST_OBJECT;
    }
  }
}
