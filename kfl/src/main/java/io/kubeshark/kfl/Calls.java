package io.kubeshark.kfl;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.kubeshark.kfl.Type.Kind;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Function calls, checked and turned into nodes. {@link Function#ALL} says the same for people. */
final class Calls {
  private final Compiler compiler;

  Calls(Compiler compiler) {
    this.compiler = compiler;
  }

  Node node(Expr.Call call) throws KflException {
    return switch (call.function()) {
      case "contains" -> find(call, Texts.Search.CONTAINS);
      case "startsWith" -> find(call, Texts.Search.STARTS_WITH);
      case "endsWith" -> find(call, Texts.Search.ENDS_WITH);
      case "matches" -> matches(call);
      case "json" -> json(call);
      case "size" -> size(call);
      case "has" -> has(call);
      case "map_get" -> mapGet(call);
      case "exists", "all", "exists_one", "map", "filter" -> comprehension(call);
      case "ip_in" -> ipIn(call);
      case "now" -> {
        arguments(call, false, 0);
        yield new Header.Now();
      }
      case "timestamp" -> conversion(call, Type.TIMESTAMP, Values::toTimestamp, "RFC 3339, such as 2026-01-31T12:00:00Z", Kind.STRING, Kind.INT,
          Kind.TIMESTAMP);
      case "duration" -> conversion(call, Type.DURATION, Values::toDuration, "a duration, such as 1h30m, 5s, 250ms", Kind.STRING, Kind.DURATION);
      case "int" -> conversion(call, Type.INT, Values::toInt, "a number", Kind.INT, Kind.DOUBLE, Kind.STRING, Kind.TIMESTAMP);
      case "double" -> conversion(call, Type.DOUBLE, Values::toDouble, "a number", Kind.DOUBLE, Kind.INT, Kind.STRING);
      case "string" -> conversion(call, Type.STRING, Values::toText, "", Kind.STRING, Kind.INT, Kind.DOUBLE, Kind.BOOL, Kind.TIMESTAMP,
          Kind.DURATION);
      case "dyn" -> new Objects.Of1(Type.DYN, arguments(call, false, 1)[0], value -> value);
      case "lowerAscii", "upperAscii" -> caseChange(call);
      case "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfYear", "getDayOfWeek", "getHours", "getMinutes", "getSeconds",
          "getMilliseconds" ->
          timeField(call);
      default -> throw unknown(call);
    };
  }

  private KflException unknown(Expr.Call call) {
    String name = call.function();
    int nameEnd = Math.max(call.nameStart() + name.length(), call.nameStart() == call.start() && call.target() != null ? call.end() : 0);
    String removed = Hints.removedFunction(name);
    if (removed != null) return compiler.error("unknown-function", "there is no function '" + name + "': " + removed, call.nameStart(), nameEnd,
        null);
    String nearest = Hints.nearest(name, Function.ALL.stream().map(Function::name).toList());
    String hint = nearest == null ? "" : "; did you mean '" + nearest + "'?";
    return compiler.error("unknown-function", "unknown function '" + name + "'" + hint, call.nameStart(), nameEnd, nearest);
  }

  /** Checks the form of the call. @return target (if it has one), then arguments */
  private Node[] arguments(Expr.Call call, boolean target, int count) throws KflException {
    checkForm(call, target, count);
    Node[] nodes = new Node[count + (target ? 1 : 0)];
    int n = 0;
    if (target) nodes[n++] = compiler.node(call.target());
    for (Expr argument : call.arguments()) nodes[n++] = compiler.node(argument);
    return nodes;
  }

  private void checkForm(Expr.Call call, boolean target, int count) throws KflException {
    if (target != (call.target() != null)) throw compiler.error("type", "'" + call.function() + "' is written " + signature(call, target), call,
        null);
    if (call.arguments().size() == count) return;
    String arguments = count == 1 ? " argument" : " arguments";
    throw compiler.error("type", "'" + call.function() + "' takes " + count + arguments + ": " + signature(call, target), call, null);
  }

  private static String signature(Expr.Call call, boolean target) {
    for (Function function : Function.ALL) {
      if (function.name().equals(call.function()) && function.receiver().isEmpty() != target) return function.signature();
    }
    return call.function();
  }

  private void need(Node node, Expr where, String function, Kind... kinds) throws KflException {
    for (Kind kind : kinds) if (node.type.fits(kind)) return;
    String suggestion = kinds[0] == Kind.STRING && where.dotted() != null && node.type.is(Kind.INT) ? "string(" + where.dotted() + ")" : null;
    String wanted = String.join(" or ", java.util.Arrays.stream(kinds).map(kind -> kind.name().toLowerCase(Locale.ROOT)).toList());
    throw compiler.error("type", "'" + function + "' needs " + wanted + ", but this is " + Compiler.a(node.type), where, suggestion);
  }

  private Node find(Expr.Call call, Texts.Search search) throws KflException {
    Node[] nodes = arguments(call, true, 1);
    if (nodes[0].type.is(Kind.LIST) && search == Texts.Search.CONTAINS) {
      throw compiler.error("type", "'contains' is for texts; for a list write \"…\" in …", call, null);
    }
    need(nodes[0], call.target(), call.function(), Kind.STRING);
    need(nodes[1], call.arguments().getFirst(), call.function(), Kind.STRING);
    return new Texts.Find(search, nodes[0], nodes[1]);
  }

  private Node matches(Expr.Call call) throws KflException {
    boolean global = call.target() == null;
    Node[] nodes = arguments(call, !global, global ? 2 : 1);
    Expr source = call.arguments().getLast();
    need(nodes[0], global ? call.arguments().getFirst() : call.target(), "matches", Kind.STRING);
    need(nodes[1], source, "matches", Kind.STRING);
    if (!(nodes[1] instanceof Node.Constant constant)) return new Texts.Matches(nodes[0], nodes[1], null);
    String pattern = (String) constant.value;
    if (isPlain(pattern)) return new Texts.Find(Texts.Search.CONTAINS, nodes[0], nodes[1]);
    try {
      return new Texts.Matches(nodes[0], null, Pattern.compile(pattern));
    } catch (PatternSyntaxException e) {
      throw compiler.error("literal", "not a regular expression: " + e.getDescription() + " '" + e.getPattern() + "'", source, null);
    }
  }

  private static boolean isPlain(String pattern) {
    for (int i = 0; i < pattern.length(); i++) if ("\\.[]{}()*+?^$|".indexOf(pattern.charAt(i)) >= 0) return false;
    return true;
  }

  private Node json(Expr.Call call) throws KflException {
    boolean global = call.target() == null;
    Node[] nodes = arguments(call, !global, global ? 2 : 1);
    Expr source = call.arguments().getLast();
    need(nodes[0], global ? call.arguments().getFirst() : call.target(), "json", Kind.STRING);
    need(nodes[1], source, "json", Kind.STRING);
    JsonPath path = nodes[1] instanceof Node.Constant constant ? JsonPath.parse((String) constant.value) : null;
    if (path == null && nodes[1] instanceof Node.Constant) throw compiler.error("literal", "not a JSON path: write $.a.b, $.a[0], $['a b'], $.a[*].b",
        source, null);
    return new JsonPath.Find(nodes[0], nodes[1], path);
  }

  private Node size(Expr.Call call) throws KflException {
    boolean global = call.target() == null;
    Node operand = arguments(call, !global, global ? 1 : 0)[0];
    need(operand, global ? call.arguments().getFirst() : call.target(), "size", Kind.STRING, Kind.LIST, Kind.MAP);
    return operand.type.is(Kind.STRING) ? new Texts.Size(operand) : new Objects.Of1(Type.INT, operand, Values::size);
  }

  private Node has(Expr.Call call) throws KflException {
    checkForm(call, false, 1);
    if (!(call.arguments().getFirst() instanceof Expr.Select select)) {
      throw compiler.error("type", "'has' needs a member of a map, such as has(request.headers.host)", call.arguments().getFirst(), null);
    }
    Node operand = compiler.node(select.operand());
    need(operand, select.operand(), "has", Kind.MAP);
    Node name = new Node.Constant(Type.STRING, select.field());
    if (operand instanceof Fields.OfMap map) return new Fields.HasName(map, name);
    return new Objects.Of2(Type.BOOL, operand, name, (map, key) -> map instanceof java.util.Map<?, ?> ? Values.in(key, map) : Node.FAILED);
  }

  private Node mapGet(Expr.Call call) throws KflException {
    Node[] nodes = arguments(call, false, 3);
    List<Expr> sources = call.arguments();
    need(nodes[0], sources.get(0), "map_get", Kind.MAP);
    Type value = nodes[0].type.is(Kind.DYN) ? Type.DYN : nodes[0].type.element();
    Type key = nodes[0].type.is(Kind.DYN) ? Type.DYN : nodes[0].type.key();
    if (!key.fits(nodes[1].type)) throw compiler.error("type", "the map is looked up by " + Compiler.a(key) + ", not " + Compiler.a(nodes[1].type),
        sources.get(1), null);
    if (!value.fits(nodes[2].type)) throw compiler.error("type", "the map holds " + value + ": the default cannot be " + Compiler.a(nodes[2].type),
        sources.get(2), null);
    boolean plain = nodes[1].type.is(Kind.STRING) && nodes[2].type.is(Kind.STRING);
    if (nodes[0] instanceof Fields.OfMap map && !map.numbers() && plain) return new Fields.Lookup(map, nodes[1], nodes[2]);
    return new Objects.GetOr(Type.join(value, nodes[2].type), nodes[0], nodes[1], nodes[2]);
  }

  private Node comprehension(Expr.Call call) throws KflException {
    checkForm(call, true, 2);
    Node range = compiler.node(call.target());
    need(range, call.target(), call.function(), Kind.LIST, Kind.MAP);
    if (!(call.arguments().getFirst() instanceof Expr.Name name)) {
      throw compiler.error("syntax", "'" + call.function() + "' needs a name first, such as x", call.arguments().getFirst(), "x");
    }
    Type item = range.type.is(Kind.LIST) ? range.type.element() : range.type.is(Kind.MAP) ? range.type.key() : Type.DYN;
    Objects.Fold fold = Objects.Fold.valueOf(call.function().toUpperCase(Locale.ROOT));
    Objects.LoopVariable variable = new Objects.LoopVariable(item);
    Expr source = call.arguments().getLast();
    Node body = compiler.inLoop(name.name(), variable, () -> fold == Objects.Fold.MAP ? compiler.node(source)
        : compiler.bool(source, "'" + call.function() + "'"));
    Type type = switch (fold) {
      case EXISTS, ALL, EXISTS_ONE -> Type.BOOL;
      case FILTER -> Type.list(item);
      case MAP -> Type.list(body.type);
    };
    return new Objects.Comprehension(type, fold, range, variable, body);
  }

  private Node ipIn(Expr.Call call) throws KflException {
    Node[] nodes = arguments(call, false, 2);
    need(nodes[0], call.arguments().get(0), "ip_in", Kind.STRING);
    need(nodes[1], call.arguments().get(1), "ip_in", Kind.STRING);
    Networks.Network network = nodes[1] instanceof Node.Constant constant ? Networks.parse((String) constant.value) : null;
    if (network == null && nodes[1] instanceof Node.Constant) {
      throw compiler.error("literal", "not a network: write 10.0.0.0/8 or 2001:db8::/32", call.arguments().get(1), null);
    }
    return new Networks.InNetwork(nodes[0], nodes[1], network);
  }

  private Node conversion(Expr.Call call, Type type, Objects.Unary function, String form, Kind... from) throws KflException {
    Node operand = arguments(call, false, 1)[0];
    need(operand, call.arguments().getFirst(), call.function(), from);
    if (!(operand instanceof Node.Constant constant)) return new Objects.Of1(type, operand, function);
    Object value = function.apply(constant.value);
    if (value == Node.FAILED) throw compiler.error("literal", "'" + constant.value + "' is not " + form, call.arguments().getFirst(), null);
    return new Node.Constant(type, value);
  }

  private Node caseChange(Expr.Call call) throws KflException {
    Node operand = arguments(call, true, 0)[0];
    need(operand, call.target(), call.function(), Kind.STRING);
    boolean lower = call.function().equals("lowerAscii");
    Predicate<Character> changes = lower ? c -> c >= 'A' && c <= 'Z' : c -> c >= 'a' && c <= 'z';
    return new Texts.Mapped(operand, text -> {
      char[] chars = text.toCharArray();
      for (int i = 0; i < chars.length; i++) if (changes.test(chars[i])) chars[i] ^= 0x20;
      return new String(chars);
    });
  }

  private Node timeField(Expr.Call call) throws KflException {
    Node operand = arguments(call, true, 0)[0];
    String name = call.function();
    boolean ofDuration = name.equals("getHours") || name.equals("getMinutes") || name.equals("getSeconds") || name.equals("getMilliseconds");
    if (ofDuration && operand.type.is(Kind.DURATION)) return new Numbers.Mapped(Type.INT, operand, (ns, e) -> Times.part(name, ns));
    if (!operand.type.is(Kind.TIMESTAMP)) need(operand, call.target(), name, Kind.TIMESTAMP, ofDuration ? Kind.DURATION : Kind.TIMESTAMP);
    if (operand.type.is(Kind.TIMESTAMP)) return new Numbers.Mapped(Type.INT, operand, (ns, e) -> Times.field(name, ns));
    return new Objects.Of1(Type.INT, operand, value -> value instanceof java.time.Instant instant && Times.fits(instant)
        ? (Object) Times.field(name, Times.ns(instant))
        : ofDuration && value instanceof java.time.Duration span && Times.fits(span) ? (Object) Times.part(name, span.toNanos()) : Node.FAILED);
  }
}
