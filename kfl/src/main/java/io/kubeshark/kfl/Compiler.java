package io.kubeshark.kfl;

import io.kubeshark.kfl.Numbers.Relation;
import io.kubeshark.kfl.Type.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An expression, checked and turned into nodes in one pass: whoever knows the operands' types knows the quickest node for them. */
final class Compiler {
  private final String text;
  private final Map<String, Vocabulary.Declared> names;
  /** One node per name, so that a body is decoded once. */
  private final Map<String, Node> made = new java.util.HashMap<>();
  private final List<Loop> loops = new ArrayList<>();
  private final Calls calls = new Calls(this);

  private record Loop(String name, Objects.LoopVariable variable) {}

  Compiler(String text, Map<String, Vocabulary.Declared> names) {
    this.text = text;
    this.names = names;
  }

  /** The whole filter. */
  Node filter(Expr expression) throws KflException {
    Node node = node(expression);
    if (node.type.fits(Kind.BOOL)) return node;
    String word = expression.dotted();
    String suggestion = word == null ? null : switch (node.type.kind()) {
      case STRING -> word + " != \"\"";
      case INT -> word + " > 0";
      case LIST, MAP -> word + ".size() > 0";
      case BOOL, DOUBLE, NULL, TIMESTAMP, DURATION, DYN -> null;
    };
    throw error("type", "a filter is true or false, but this is " + a(node.type), expression, suggestion);
  }

  /** No pattern switch here: linking one costs as much as compiling a hundred filters. */
  Node node(Expr expression) throws KflException {
    if (expression instanceof Expr.Literal literal) return new Node.Constant(literal.type(), literal.value());
    if (expression instanceof Expr.Name name) return named(name, name.name());
    if (expression instanceof Expr.Select select) return select(select);
    if (expression instanceof Expr.Index index) return index(index);
    if (expression instanceof Expr.Call call) return calls.node(call);
    if (expression instanceof Expr.Not not) return new Logic.Not(bool(not.operand(), "'!'"));
    if (expression instanceof Expr.Negate negate) return negate(negate);
    if (expression instanceof Expr.Logic logic) return logic(logic);
    if (expression instanceof Expr.Binary binary) return binary(binary);
    if (expression instanceof Expr.Conditional choice) return choice(choice);
    if (expression instanceof Expr.ListOf list) return list(list);
    return map((Expr.MapOf) expression);
  }

  /** @param of what needs the bool, for the message */
  Node bool(Expr expression, String of) throws KflException {
    Node node = node(expression);
    if (!node.type.fits(Kind.BOOL)) throw error("type", of + " needs true or false, but this is " + a(node.type), expression, null);
    return node;
  }

  private Node logic(Expr.Logic logic) throws KflException {
    Node[] operands = new Node[logic.operands().size()];
    for (int i = 0; i < operands.length; i++) operands[i] = bool(logic.operands().get(i), logic.and() ? "'&&'" : "'||'");
    return logic.and() ? new Logic.And(operands) : new Logic.Or(operands);
  }

  private Node choice(Expr.Conditional choice) throws KflException {
    Node condition = bool(choice.condition(), "'?'");
    Node yes = node(choice.yes());
    Node no = node(choice.no());
    if (!yes.type.fits(no.type)) throw error("type", "'?:' chooses between " + a(yes.type) + " and " + a(no.type), choice, null);
    return new Logic.Choice(Type.join(yes.type, no.type), condition, yes, no);
  }

  private Node negate(Expr.Negate negate) throws KflException {
    Node operand = node(negate.operand());
    if (!operand.type.fits(Kind.INT) && !operand.type.fits(Kind.DOUBLE)) throw error("type", "'-' needs a number, but this is " + a(operand.type),
        negate, null);
    return new Objects.Of1(operand.type, operand, Values::negate);
  }

  private Node list(Expr.ListOf list) throws KflException {
    Node[] items = nodes(list.items());
    return new Objects.ListOf(Type.list(join(items)), items);
  }

  private Node map(Expr.MapOf map) throws KflException {
    Node[] keys = nodes(map.keys());
    Node[] values = nodes(map.values());
    return new Objects.MapOf(Type.map(join(keys), join(values)), keys, values);
  }

  private Node[] nodes(List<Expr> expressions) throws KflException {
    Node[] nodes = new Node[expressions.size()];
    for (int i = 0; i < nodes.length; i++) nodes[i] = node(expressions.get(i));
    return nodes;
  }

  private static Type join(Node[] nodes) {
    Type type = nodes.length == 0 ? Type.DYN : nodes[0].type;
    for (Node node : nodes) type = Type.join(type, node.type);
    return type;
  }

  // Names

  private Node named(Expr expression, String name) throws KflException {
    for (int i = loops.size() - 1; i >= 0; i--) if (loops.get(i).name.equals(name)) return loops.get(i).variable;
    Vocabulary.Declared declared = names.get(name);
    if (declared == null) throw unknown(expression, name);
    Node node = made.get(name);
    if (node == null) made.put(name, node = declared.node());
    return node;
  }

  private KflException unknown(Expr expression, String name) {
    Set<String> known = new LinkedHashSet<>(names.keySet());
    for (Loop loop : loops) known.add(loop.name);
    String nearest = Hints.nearest(name, known);
    if (nearest == null && names.keySet().stream().anyMatch(other -> other.startsWith(name + "."))) {
      List<String> members = names.keySet().stream().filter(other -> other.startsWith(name + ".")).limit(6).toList();
      return error("unknown-name", "'" + name + "' is not a value by itself; there is " + String.join(", ", members), expression, members.getFirst());
    }
    return error("unknown-name", "unknown name '" + name + "'" + (nearest == null ? "" : "; did you mean '" + nearest + "'?"), expression, nearest);
  }

  private Node select(Expr.Select select) throws KflException {
    String dotted = select.dotted();
    if (dotted != null && !startsWithLoopVariable(dotted)) {
      if (names.containsKey(dotted)) return named(select, dotted);
      if (longestPrefix(dotted) == null) throw unknown(select, dotted);
    }
    Node operand = node(select.operand());
    if (!operand.type.fits(Kind.MAP)) {
      String nearest = dotted == null ? null : Hints.nearest(dotted, names.keySet());
      if (nearest != null && nearest.equals(select.operand().dotted())) nearest = null;
      String hint = nearest == null ? "" : "; did you mean '" + nearest + "'?";
      throw error("unknown-name", a(operand.type) + " has no member '" + select.field() + "'" + hint, select, nearest);
    }
    return lookup(operand, new Node.Constant(Type.STRING, select.field()));
  }

  private boolean startsWithLoopVariable(String dotted) {
    for (Loop loop : loops) if (dotted.startsWith(loop.name + ".")) return true;
    return false;
  }

  private String longestPrefix(String dotted) {
    for (int dot = dotted.lastIndexOf('.'); dot > 0; dot = dotted.lastIndexOf('.', dot - 1)) {
      if (names.containsKey(dotted.substring(0, dot))) return dotted.substring(0, dot);
    }
    return null;
  }

  private Node index(Expr.Index index) throws KflException {
    Node operand = node(index.operand());
    Node key = node(index.index());
    boolean fits = switch (operand.type.kind()) {
      case MAP -> operand.type.key().fits(key.type);
      case LIST -> key.type.fits(Kind.INT);
      case DYN -> true;
      case BOOL, INT, DOUBLE, STRING, NULL, TIMESTAMP, DURATION -> throw error("type", a(operand.type) + " has no items", index, null);
    };
    if (!fits) throw error("type", a(operand.type) + " is not looked up by " + a(key.type), index.index(), null);
    return lookup(operand, key);
  }

  private Node lookup(Node operand, Node key) {
    if (operand instanceof Fields.OfMap map && !map.numbers() && key.type.is(Kind.STRING)) return new Fields.Lookup(map, key, null);
    return new Objects.Of2(operand.type.is(Kind.DYN) ? Type.DYN : operand.type.element(), operand, key, Values::index);
  }

  /** Compiles a comprehension's body with its variable in sight. */
  Node inLoop(String name, Objects.LoopVariable variable, BodyCompiler body) throws KflException {
    loops.add(new Loop(name, variable));
    try {
      return body.compile();
    } finally {
      loops.removeLast();
    }
  }

  interface BodyCompiler {
    Node compile() throws KflException;
  }

  // Operators

  private Node binary(Expr.Binary binary) throws KflException {
    Node left = node(binary.left());
    Node right = node(binary.right());
    Relation relation = Relation.of(binary.operator());
    if (relation != null) return compare(binary, relation, left, right);
    return binary.operator().equals("in") ? in(binary, left, right) : arithmetic(binary, left, right);
  }

  private Node compare(Expr.Binary binary, Relation relation, Node left, Node right) throws KflException {
    boolean equality = relation == Relation.EQUAL || relation == Relation.NOT_EQUAL;
    boolean numbers = isNumber(left.type) && isNumber(right.type);
    if (!left.type.fits(right.type) && (equality || !numbers)) throw mismatch(binary, left.type, right.type);
    boolean ordered = equality || isOrdered(left.type) && isOrdered(right.type);
    if (!ordered) throw error("type", a(left.type) + " has no order: '" + binary.operator() + "' is not defined for it", binary, null);
    if (left.type.equals(right.type)) {
      switch (left.type.kind()) {
        case INT, TIMESTAMP, DURATION -> {
          if (right instanceof Node.Constant bound) return Numbers.InRange.of(relation, left, bound.number);
          if (left instanceof Node.Constant bound) return Numbers.InRange.of(relation.mirrored(), right, bound.number);
          return new Numbers.Compare(relation, left, right);
        }
        case STRING -> {
          if (equality && right instanceof Node.Constant wanted) return new Texts.Is(left, wanted.text, relation == Relation.NOT_EQUAL);
          if (equality && left instanceof Node.Constant wanted) return new Texts.Is(right, wanted.text, relation == Relation.NOT_EQUAL);
          return new Texts.Compare(relation, left, right);
        }
        case BOOL, DOUBLE, NULL, LIST, MAP, DYN -> { }
      }
    }
    return Objects.compare(relation, left, right);
  }

  private static boolean isNumber(Type type) {
    return type.is(Kind.INT) || type.is(Kind.DOUBLE);
  }

  private static boolean isOrdered(Type type) {
    return switch (type.kind()) {
      case BOOL, INT, DOUBLE, STRING, TIMESTAMP, DURATION, DYN -> true;
      case NULL, LIST, MAP -> false;
    };
  }

  private KflException mismatch(Expr.Binary binary, Type left, Type right) {
    String suggestion = null;
    Expr wrong = binary.right();
    if (left.is(Kind.INT) && wrong instanceof Expr.Literal literal && literal.value() instanceof String text
        && text.matches("-?[0-9]{1,18}")) suggestion = text;
    if (left.is(Kind.STRING) && wrong instanceof Expr.Literal literal && right.is(Kind.INT)) suggestion = "\"" + literal.value() + "\"";
    if (left.is(Kind.TIMESTAMP) && right.is(Kind.STRING)) suggestion = "timestamp(" + text.substring(wrong.start(), wrong.end()) + ")";
    String hint = suggestion == null ? "" : ": write " + suggestion;
    return error("type", "'" + binary.operator() + "' compares " + a(left) + " with " + a(right) + hint, suggestion == null ? binary : wrong,
        suggestion);
  }

  private Node in(Expr.Binary binary, Node left, Node right) throws KflException {
    Type wanted = switch (right.type.kind()) {
      case LIST -> right.type.element();
      case MAP -> right.type.key();
      case DYN -> Type.DYN;
      case BOOL, INT, DOUBLE, STRING, NULL, TIMESTAMP, DURATION -> throw error("type", "'in' needs a list or a map on its right, but this is "
          + a(right.type)
          + (left.type.is(Kind.STRING) && right.type.is(Kind.STRING) ? "; for a part of a text write contains" : ""), binary.right(), null);
    };
    if (!wanted.fits(left.type)) throw error("type", a(left.type) + " cannot be in " + a(right.type), binary, null);
    if (left.type.is(Kind.STRING)) {
      if (right instanceof Fields.OfMap map) return new Fields.HasName(map, left);
      if (right instanceof Fields.OfList list) return new Fields.HasItem(list, left);
      if (right instanceof Header.Anomalies && left instanceof Node.Constant code) return new Header.HasAnomaly((String) code.value);
    }
    Node set = inLiterals(binary.right(), left, wanted);
    return set != null ? set : new Objects.Of2(Type.BOOL, left, right, Values::in);
  }

  /** {@code method in ["GET", "HEAD"]}: compared without making the list. Null if it is not that. */
  private Node inLiterals(Expr right, Node left, Type wanted) throws KflException {
    boolean texts = left.type.is(Kind.STRING) && wanted.is(Kind.STRING);
    boolean numbers = left.type.is(Kind.INT) && wanted.is(Kind.INT);
    if (!(right instanceof Expr.ListOf list) || !texts && !numbers) return null;
    byte[][] words = new byte[list.items().size()][];
    long[] values = new long[words.length];
    for (int i = 0; i < words.length; i++) {
      if (!(list.items().get(i) instanceof Expr.Literal literal)) return null;
      Node.Constant constant = new Node.Constant(literal.type(), literal.value());
      words[i] = constant.text;
      values[i] = constant.number;
    }
    return texts ? new Texts.InSet(left, words) : new Numbers.InSet(left, values);
  }

  private Node arithmetic(Expr.Binary binary, Node left, Node right) throws KflException {
    char operator = binary.operator().charAt(0);
    Type type = arithmeticType(operator, left.type, right.type);
    if (type == null) throw error("type", "'" + operator + "' is not defined for " + a(left.type) + " and " + a(right.type), binary, null);
    boolean integers = isNanosecondsOrInt(left.type) && isNanosecondsOrInt(right.type);
    if (integers) return new Numbers.Arithmetic(type, operator, left, right);
    return new Objects.Of2(type, left, right, (a, b) -> Values.arithmetic(operator, a, b));
  }

  private static boolean isNanosecondsOrInt(Type type) {
    return type.is(Kind.INT) || type.is(Kind.TIMESTAMP) || type.is(Kind.DURATION);
  }

  /** @return null if the operator is not defined for these */
  private static Type arithmeticType(char operator, Type left, Type right) {
    if (left.is(Kind.DYN) || right.is(Kind.DYN)) {
      Type known = left.is(Kind.DYN) ? right : left;
      boolean possible = switch (known.kind()) {
        case INT, DYN -> true;
        case DOUBLE -> operator != '%';
        case STRING, LIST -> operator == '+';
        case TIMESTAMP, DURATION -> operator == '+' || operator == '-';
        case BOOL, NULL, MAP -> false;
      };
      return possible ? Type.DYN : null;
    }
    if (left.is(Kind.INT) && right.is(Kind.INT)) return Type.INT;
    if (left.is(Kind.DOUBLE) && right.is(Kind.DOUBLE)) return operator == '%' ? null : Type.DOUBLE;
    if (operator == '+' && left.is(Kind.STRING) && right.is(Kind.STRING)) return Type.STRING;
    if (operator == '+' && left.is(Kind.LIST) && left.fits(right)) return Type.list(Type.join(left.element(), right.element()));
    if (operator != '+' && operator != '-') return null;
    if (left.is(Kind.TIMESTAMP) && right.is(Kind.DURATION)) return Type.TIMESTAMP;
    if (left.is(Kind.DURATION) && right.is(Kind.DURATION)) return Type.DURATION;
    if (operator == '-' && left.is(Kind.TIMESTAMP) && right.is(Kind.TIMESTAMP)) return Type.DURATION;
    return operator == '+' && left.is(Kind.DURATION) && right.is(Kind.TIMESTAMP) ? Type.TIMESTAMP : null;
  }

  // Words

  static String a(Type type) {
    String name = type.toString();
    return switch (type.kind()) {
      case INT -> "an int";
      case DYN, NULL -> name;
      case BOOL, DOUBLE, STRING, TIMESTAMP, DURATION, LIST, MAP -> "a " + name;
    };
  }

  KflException error(String code, String message, Expr where, String suggestion) {
    return error(code, message, where.start(), where.end(), suggestion);
  }

  KflException error(String code, String message, int start, int end, String suggestion) {
    return new KflException(code, message, text, start, end - start, suggestion);
  }
}
