package io.kubeshark.codec;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A Content-Type or Content-Disposition value (RFC 9110 section 8.3.1): {@code text/html; charset="utf-8"}.
 *
 * @param type lower case, without parameters; "" where there is none
 * @param parameters names in lower case
 */
public record MediaType(String type, Map<String, String> parameters) {
  private static final int PARAMETERS_MAX = 32;

  public static MediaType parse(String value) {
    if (value == null) return new MediaType("", Map.of());
    int semicolon = value.indexOf(';');
    String type = (semicolon < 0 ? value : value.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    Map<String, String> parameters = new LinkedHashMap<>();
    int at = semicolon < 0 ? value.length() : semicolon + 1;
    while (at < value.length() && parameters.size() < PARAMETERS_MAX) at = parameter(value, at, parameters);
    return new MediaType(type, parameters);
  }

  /** @return where the next parameter begins */
  private static int parameter(String value, int at, Map<String, String> parameters) {
    int equals = at;
    while (equals < value.length() && value.charAt(equals) != '=' && value.charAt(equals) != ';') equals++;
    String name = value.substring(at, equals).strip().toLowerCase(Locale.ROOT);
    if (equals == value.length() || value.charAt(equals) == ';') return equals + 1;
    int p = equals + 1;
    while (p < value.length() && value.charAt(p) == ' ') p++;
    StringBuilder text = new StringBuilder();
    if (p < value.length() && value.charAt(p) == '"') {
      for (p++; p < value.length() && value.charAt(p) != '"'; p++) {
        // Browsers send filename="C:\dir\x": a backslash escapes only a quote or itself.
        boolean escape = value.charAt(p) == '\\' && p + 1 < value.length() && (value.charAt(p + 1) == '"' || value.charAt(p + 1) == '\\');
        text.append(value.charAt(escape ? ++p : p));
      }
      while (p < value.length() && value.charAt(p) != ';') p++;
    } else {
      while (p < value.length() && value.charAt(p) != ';') text.append(value.charAt(p++));
    }
    parameters.putIfAbsent(name, text.toString().strip());
    return p + 1;
  }

  /** Whether the type says that a person can read it. */
  public boolean isText() {
    return type.startsWith("text/") || type.endsWith("+json") || type.endsWith("+xml") || type.endsWith("+yaml")
        || switch (type) {
          case "application/json", "application/xml", "application/javascript", "application/x-javascript", "application/ecmascript",
              "application/x-www-form-urlencoded", "application/graphql", "application/x-ndjson", "application/ndjson", "application/jsonl",
              "application/json-seq", "application/yaml", "application/x-yaml", "application/toml", "application/sql", "application/csv",
              "application/x-sh", "application/manifest+json", "message/http" -> true;
          default -> false;
        };
  }

  /** Whether the type says that nobody can. */
  public boolean isBinary() {
    return !isText() && (type.startsWith("image/") || type.startsWith("audio/") || type.startsWith("video/") || type.startsWith("font/")
        || type.startsWith("application/grpc") || switch (type) {
          case "application/zip", "application/gzip", "application/x-gzip", "application/pdf", "application/wasm", "application/protobuf",
              "application/x-protobuf", "application/cbor", "application/msgpack", "application/x-tar" -> true;
          default -> false;
        });
  }
}
