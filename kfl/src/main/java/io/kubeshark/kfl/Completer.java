package io.kubeshark.kfl;

import io.kubeshark.core.Anomaly;
import io.kubeshark.kfl.Completion.Option;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Completion: looks only at the tokens before the cursor, as what is typed is rarely an expression yet. */
final class Completer {
  static final int OPTIONS_MAX = 250;
  private static final int VALUES_MAX = 20;
  private static final Set<String> RELATIONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> SEARCHES = Set.of("contains", "startsWith", "endsWith", "matches");
  private static final Set<String> KEYWORDS = Set.of("in", "true", "false", "null");

  private final String text;
  private final int position;
  private final Map<String, Vocabulary.Declared> names;
  private final Map<String, String> macros;
  private final ValueSource source;
  private final List<Token> tokens;
  private final List<Option> options = new ArrayList<>();

  private Completer(String text, int position, Map<String, Vocabulary.Declared> names, Map<String, String> macros, ValueSource source) {
    this.text = text;
    this.position = position;
    this.names = names;
    this.macros = macros;
    this.source = source;
    this.tokens = Lexer.tolerantTokens(text.substring(0, position));
    tokens.removeLast(); // END
  }

  static Completion complete(String text, int position, Map<String, Vocabulary.Declared> names, Map<String, String> macros, ValueSource source) {
    int at = Math.max(0, Math.min(position, text.length()));
    return new Completer(text, at, names, macros, source).run();
  }

  private Completion run() {
    Token last = token(tokens.size() - 1);
    if (last != null && last.kind() == Token.Kind.OPEN_STRING) return inText(last);
    boolean touching = last != null && last.end() == position;
    if (touching && (last.kind() == Token.Kind.NAME && !last.text().equals("in") || last.is("."))) return word();
    if (last != null && endsOperand(last)) {
      operators(operandText(tokens.size() - 1));
      return answer(position);
    }
    if (last != null && (RELATIONS.contains(last.text()) || last.text().equals("in"))) {
      String operand = operandText(tokens.size() - 2);
      if (!last.text().equals("in") && values(operand, "", true)) return answer(position);
    }
    starters("", true);
    return answer(position);
  }

  /** The options so far; a word is replaced whole, also behind the cursor. */
  private Completion answer(int from) {
    int to = position;
    while (to < text.length() && Lexer.isNamePart(text.charAt(to)) && from < position) to++;
    return new Completion(from, to, options.stream().limit(OPTIONS_MAX).toList());
  }

  private Token token(int index) {
    return index >= 0 && index < tokens.size() ? tokens.get(index) : null;
  }

  private static boolean endsOperand(Token token) {
    return switch (token.kind()) {
      case INT, DOUBLE, STRING -> true;
      case NAME -> !token.text().equals("in");
      case OPERATOR -> token.is(")") || token.is("]") || token.is("}");
      case END, OPEN_STRING, OTHER -> false;
    };
  }

  /** Source of the name, perhaps with keys, that ends with the token at this index: {@code request.headers["host"]}; "" if there is none. */
  private String operandText(int index) {
    Token end = token(index);
    int i = index;
    while (i >= 0) {
      if (tokens.get(i).is("]")) {
        while (i >= 0 && !tokens.get(i).is("[")) i--;
        i--;
        continue;
      }
      if (tokens.get(i).kind() != Token.Kind.NAME) return "";
      if (i < 2 || !tokens.get(i - 1).is(".")) break;
      i -= 2;
    }
    return i < 0 || end == null ? "" : text.substring(tokens.get(i).start(), end.end());
  }

  private Type type(String operand) {
    Vocabulary.Declared declared = names.get(operand);
    if (declared != null) return declared.type();
    int bracket = operand.indexOf('[');
    Vocabulary.Declared container = bracket < 0 ? null : names.get(operand.substring(0, bracket));
    return container != null && container.type().element() != null ? container.type().element() : Type.DYN;
  }

  // Inside quotes

  private Completion inText(Token open) {
    int before = tokens.size() - 2;
    Token previous = token(before);
    String subject = "";
    if (previous != null && RELATIONS.contains(previous.text())) subject = operandText(before - 1);
    else if (previous != null && (previous.is("[") || previous.is(","))) subject = inBrackets(before);
    else if (previous != null && previous.is("(") && token(before - 1) != null
        && SEARCHES.contains(tokens.get(before - 1).text())) subject = operandText(before - 3);
    int quoteLength = open.text().startsWith("r") || open.text().startsWith("R") ? 2 : 1;
    values(subject, (String) open.value(), false);
    char quote = open.text().charAt(quoteLength - 1);
    boolean closed = position < text.length() && text.charAt(position) == quote;
    List<Option> quoted = options.stream().map(o -> new Option(o.label(), o.type(), o.detail(), o.doc(), escaped(o.label(), quote)
        + (closed ? "" : quote))).toList();
    return new Completion(open.start() + quoteLength, position, quoted);
  }

  /** A map's key, or an item of the list after {@code in}. */
  private String inBrackets(int index) {
    while (index >= 0 && !tokens.get(index).is("[")) {
      if (!tokens.get(index).is(",") && tokens.get(index).kind() != Token.Kind.STRING) return "";
      index--;
    }
    Token before = token(index - 1);
    if (before == null) return "";
    return before.text().equals("in") ? operandText(index - 2) : operandText(index - 1);
  }

  private static String escaped(String value, char quote) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == quote || c == '\\') text.append('\\').append(c);
      else if (c < ' ') text.append(String.format("\\u%04x", (int) c));
      else text.append(c);
    }
    return text.toString();
  }

  /** @return whether there was something to offer */
  private boolean values(String operand, String prefix, boolean quote) {
    if (operand.isEmpty()) return false;
    Type type = type(operand);
    if (type.is(Type.Kind.BOOL)) {
      for (String word : new String[] {"true", "false"}) options.add(new Option(word, "value", "bool", "", word));
      return true;
    }
    Set<String> found = new LinkedHashSet<>();
    knownWords(operand).filter(word -> word.startsWith(prefix)).forEach(found::add);
    for (String value : source.values(operand, prefix, VALUES_MAX)) if (found.size() < OPTIONS_MAX) found.add(value);
    boolean text = !type.is(Type.Kind.INT);
    for (String value : found) {
      options.add(new Option(value, "value", operand, "", quote && text ? '"' + escaped(value, '"') + '"' : value));
    }
    return !found.isEmpty();
  }

  private Stream<String> knownWords(String operand) {
    return switch (operand) {
      case "protocol" -> names.values().stream().map(declared -> declared.variable().protocol()).filter(ids -> ids != null).flatMap(ids ->
          Stream.of(ids.split(", "))).distinct();
      case "kind" -> Stream.of("exchange", "connection", "event");
      case "status_class" -> Stream.of("ok", "warn", "error", "neutral");
      case "transport" -> Stream.of("tcp", "udp");
      case "capture_source", "capture_backend" -> Stream.of("af_packet", "file", "ebpf", "ebpf_tls");
      case "anomalies" -> Stream.of(Anomaly.values()).map(anomaly -> anomaly.code);
      default -> Stream.of();
    };
  }

  // Names

  private Completion word() {
    int first = tokens.size() - 1;
    while (first >= 0 && (tokens.get(first).kind() == Token.Kind.NAME || tokens.get(first).is("."))) {
      boolean joined = first == 0 || tokens.get(first).is(".") != tokens.get(first - 1).is(".");
      if (!joined || first == 0 || !tokens.get(first - 1).is(".") && tokens.get(first - 1).kind() != Token.Kind.NAME) break;
      first--;
    }
    int from = tokens.get(first).start();
    String chain = text.substring(from, position);
    Token before = token(first - 1);
    if (tokens.get(first).is(".")) { // after ) or ]
      String operand = operandText(first - 1);
      methods(operand.isEmpty() ? Type.DYN : type(operand), ".", chain.substring(1));
      return answer(from);
    }
    if (before != null && endsOperand(before)) {
      String operator = Hints.operatorFor(chain);
      if (operator != null) options.add(new Option(operator, "keyword", "operator", "", operator));
      if ("in".startsWith(chain)) options.add(new Option("in", "keyword", "operator", "", "in "));
      return answer(from);
    }
    int dot = chain.lastIndexOf('.');
    String head = dot < 0 ? "" : chain.substring(0, dot);
    starters(chain, false);
    if (names.containsKey(head)) {
      methods(type(head), head + ".", chain.substring(dot + 1));
      if (type(head).is(Type.Kind.MAP)) keys(head, chain.substring(dot + 1));
    }
    return answer(from);
  }

  /** Everything that an operand may begin with: names that begin so, then names that have it inside. */
  private void starters(String typed, boolean everything) {
    String wanted = typed.toLowerCase(Locale.ROOT);
    List<Option> inside = new ArrayList<>();
    for (Vocabulary.Declared declared : names.values()) {
      Variable variable = declared.variable();
      Option option = new Option(variable.name(), "variable", variable.type(), variable.doc(), variable.name());
      String name = variable.name().toLowerCase(Locale.ROOT);
      if (name.startsWith(wanted)) options.add(option);
      else if (wanted.length() > 1 && name.contains(wanted)) inside.add(option);
    }
    macros.forEach((name, expression) -> {
      if (name.startsWith(typed)) options.add(new Option(name, "keyword", "macro", expression, name));
    });
    Set<String> seen = new LinkedHashSet<>();
    for (Function function : Function.ALL) {
      if (!function.receiver().isEmpty() || !function.name().startsWith(typed) || !seen.add(function.name())) continue;
      options.add(new Option(function.name(), "function", function.signature(), function.doc(), function.name() + "("));
    }
    if (!everything) KEYWORDS.stream().sorted().filter(word -> word.startsWith(typed) && !word.equals("in")).forEach(word ->
        options.add(new Option(word, "keyword", "", "", word)));
    options.addAll(inside);
  }

  private void methods(Type type, String head, String typed) {
    String receiver = type.kind().name().toLowerCase(Locale.ROOT);
    Set<String> seen = new LinkedHashSet<>();
    for (Function function : Function.ALL) {
      boolean fits = function.receiver().equals(receiver) || type.is(Type.Kind.DYN) && !function.receiver().isEmpty();
      if (!fits || !function.name().startsWith(typed) || !seen.add(function.name())) continue;
      String close = function.signature().contains("()") ? ")" : "";
      options.add(new Option(function.name(), "function", function.signature(), function.doc(), head + function.name() + "(" + close));
    }
  }

  private void keys(String map, String typed) {
    for (String key : source.values(map, typed, VALUES_MAX)) {
      options.add(new Option(key, "value", map, "", map + "[\"" + escaped(key, '"') + "\"]"));
    }
  }

  // Operators

  private void operators(String operand) {
    Type type = operand.isEmpty() ? Type.DYN : type(operand);
    Token last = tokens.getLast();
    boolean literal = last.kind() == Token.Kind.STRING || last.kind() == Token.Kind.INT || last.kind() == Token.Kind.DOUBLE;
    boolean compared = literal && token(tokens.size() - 2) != null && RELATIONS.contains(tokens.get(tokens.size() - 2).text());
    String[] fitting = compared ? new String[0] : literal ? new String[] {"in", "=="} : switch (type.kind()) {
      case INT, DOUBLE, TIMESTAMP, DURATION -> new String[] {"==", "!=", "<", "<=", ">", ">=", "in", "+", "-"};
      case STRING -> new String[] {"==", "!=", "in", "<", ">", "+"};
      case DYN -> new String[] {"==", "!=", "<", "<=", ">", ">=", "in"};
      case BOOL, NULL, LIST, MAP -> new String[] {"==", "!="};
    };
    Stream<String> logic = Stream.of("&&", "||");
    Stream<String> all = type.is(Type.Kind.BOOL) || compared ? Stream.concat(logic, Stream.of(fitting)) : Stream.concat(Stream.of(fitting), logic);
    all.forEach(operator -> options.add(new Option(operator, "keyword", "operator", "", operator + " ")));
  }
}
