package io.kubeshark.kfl;

import java.util.List;

/** The language's names and functions as Markdown: the part of docs/kfl.md below the introduction. */
public final class KflReference {
  private KflReference() {}

  public static String markdown(Kfl kfl) {
    StringBuilder text = new StringBuilder("## Names\n");
    List<String> protocols = kfl.variables().stream().map(variable -> variable.protocol() == null || variable.example().equals(variable.name()) ? ""
        : variable.protocol())
        .distinct().toList();
    for (String protocol : protocols) {
      text.append("\n### ").append(protocol.isEmpty() ? "Every entry"
          : protocol).append("\n\n| name | type | what it is | example |\n|---|---|---|---|\n");
      for (Variable variable : kfl.variables()) {
        String of = variable.protocol() == null || variable.example().equals(variable.name()) ? "" : variable.protocol();
        if (of.equals(protocol)) row(text, code(variable.name()), variable.type(), variable.doc(), code(variable.example()));
      }
    }
    text.append("\n## Functions\n\n| signature | what it does | example |\n|---|---|---|\n");
    for (Function function : kfl.functions()) row(text, code(function.signature()), function.doc(), code(function.example()));
    text.append("\n## Macros\n\n| macro | stands for |\n|---|---|\n");
    kfl.macros().forEach((name, expression) -> row(text, code(name), code(expression)));
    return text.toString();
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static void row(StringBuilder text, String... cells) {
    for (String cell : cells) text.append("| ").append(cell.replace("|", "\\|")).append(' ');
    text.append("|\n");
  }

  /** Prints the reference of what does not depend on a schema; callers with protocols use {@link #markdown}. */
  public static void main(String[] arguments) {
    System.out.print(markdown(new Kfl(new io.kubeshark.core.Schema(List.of()))));
  }
}
