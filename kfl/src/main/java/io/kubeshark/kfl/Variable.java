package io.kubeshark.kfl;

/**
 * A name that filters may use.
 *
 * @param type as text: {@code int}, {@code map<string, string>}
 * @param protocol whose entries have it, several separated by ", "; null: every entry
 * @param example a filter
 */
public record Variable(String name, String type, String doc, String protocol, String example) {}
