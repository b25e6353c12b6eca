package io.kubeshark.kfl;

import io.kubeshark.core.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The filter language: CEL (the Common Expression Language) over entries, as docs/kfl.md describes it. Lexer, parser, checker and
 * evaluation are ours, because CEL's own take over half a second to start; tests hold them against CEL's own on random expressions.
 *
 * <p>Immutable and thread-safe, filters are not: {@link Filter}.
 */
public final class Kfl {
  /**
   * Where the entries come from: not in the records, but in their names.
   *
   * @param nodeIp "" where it is not known
   */
  public record Origin(String worker, String node, String nodeIp) {
    public static final Origin LOCAL = new Origin("local", "local", "");
  }

  public static final Map<String, String> DEFAULT_MACROS = Map.of("https", "tls && http");

  private final Map<String, Vocabulary.Declared> names;
  private final Origin origin;
  private final Map<String, String> macros;
  private final LongSupplier clockNs;

  public Kfl(Schema schema) {
    this(schema, Origin.LOCAL, DEFAULT_MACROS, Kfl::systemNs);
  }

  /** @param worker the first part of ids; here also the node's name */
  public Kfl(Schema schema, String worker) {
    this(schema, new Origin(worker, worker, ""));
  }

  public Kfl(Schema schema, Origin origin) {
    this(schema, origin, DEFAULT_MACROS, Kfl::systemNs);
  }

  /**
   * @param macros name → expression; a name that is a variable is not replaced
   * @param clockNs what {@code now} answers, epoch nanoseconds
   * @throws IllegalArgumentException if two protocols declare a variable with different types
   */
  public Kfl(Schema schema, Origin origin, Map<String, String> macros, LongSupplier clockNs) {
    this.names = new Vocabulary(schema).byName();
    this.origin = origin;
    this.macros = new LinkedHashMap<>(macros);
    this.macros.keySet().removeAll(names.keySet());
    this.clockNs = clockNs;
  }

  private static long systemNs() {
    return System.currentTimeMillis() * 1_000_000;
  }

  /** The same language for entries of another worker. */
  public Kfl of(Origin other) {
    return new Kfl(names, other, macros, clockNs);
  }

  private Kfl(Map<String, Vocabulary.Declared> names, Origin origin, Map<String, String> macros, LongSupplier clockNs) {
    this.names = names;
    this.origin = origin;
    this.macros = macros;
    this.clockNs = clockNs;
  }

  /** @param expression blank or null: everything */
  public Filter compile(String expression) throws KflException {
    if (expression == null || expression.isBlank()) return new Filter("", null, origin, clockNs);
    Expr parsed = Parser.parse(expression, macros);
    new Compiler(expression, names).filter(parsed);
    return new Filter(expression, () -> recompiled(expression, parsed), origin, clockNs);
  }

  private Node recompiled(String expression, Expr parsed) {
    try {
      return new Compiler(expression, names).filter(parsed);
    } catch (KflException e) {
      throw new AssertionError("compiled once already: " + expression, e);
    }
  }

  /**
   * What could stand at a place of a filter that is being typed.
   *
   * @param position characters before the cursor
   */
  public Completion complete(String expression, int position, ValueSource values) {
    return Completer.complete(expression, position, names, macros, values);
  }

  public List<Variable> variables() {
    return names.values().stream().map(Vocabulary.Declared::variable).toList();
  }

  public List<Function> functions() {
    return Function.ALL;
  }

  public Map<String, String> macros() {
    return Map.copyOf(macros);
  }
}
