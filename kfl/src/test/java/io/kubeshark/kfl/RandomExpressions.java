package io.kubeshark.kfl;

import java.util.Random;

/** Well-typed CEL expressions over {@link Entry#SCHEMA}'s variables, errors included on purpose. */
final class RandomExpressions {
  private final Random random;

  RandomExpressions(Random random) {
    this.random = random;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  String bool(int depth) {
    if (depth <= 0) return pick("http", "dns", "conn", "true", "false", "dns_request", "truncated", "!redis");
    int d = depth - 1;
    return switch (random.nextInt(18)) {
      case 0, 1 -> "(" + bool(d) + " && " + bool(d) + ")";
      case 2, 3 -> "(" + bool(d) + " || " + bool(d) + " || " + bool(0) + ")";
      case 4 -> "!" + bool(d).replaceFirst("^!", "");
      case 5, 6 -> "(" + integer(d) + relation() + integer(d) + ")";
      case 7, 8 -> "(" + string(d) + relation() + string(d) + ")";
      case 9 -> string(d) + "." + pick("contains", "startsWith", "endsWith") + "(" + string(d) + ")";
      case 10 -> string(d) + ".matches(" + pick("\"^/api\"", "\"[0-9]+$\"", "\"a\"", "\"(GET|POST)\"", string(0)) + ")";
      case 11 -> "(" + string(d) + " in " + pick(map(), list(d), "[\"GET\", \"POST\"]") + ")";
      case 12 -> list(d) + "." + pick("exists", "all", "exists_one") + "(x, " + pick("x", string(0)) + relation() + pick("x", string(0)) + ")";
      case 13 -> "(" + bool(d) + " ? " + bool(d) + " : " + bool(d) + ")";
      case 14 -> "(" + real(d) + relation() + real(d) + ")";
      case 15 -> "(" + time(d) + relation() + time(d) + ")";
      case 16 -> "(dyn(" + any(d) + ") == " + any(d) + ")";
      default -> pick("has(request.headers.host)", "(" + list(d) + " == " + list(d) + ")", "(" + integer(d) + " in [1, 200, 503])", map()
          + ".exists(k, k" + relation() + string(d) + ")",
          "(" + span(d) + relation() + span(d) + ")", "(" + bool(d) + pick(" == ", " != ", " < ") + bool(d) + ")",
          "dns_answers.exists(a, a." + pick("type", "data", "nope") + " == " + string(0) + ")");
    };
  }

  private String any(int depth) {
    return pick(integer(depth), string(depth), bool(depth), real(depth), list(depth), time(depth));
  }

  private String relation() {
    return pick(" == ", " != ", " < ", " <= ", " > ", " >= ");
  }

  String integer(int depth) {
    if (depth <= 0) return pick("status_code", "dst.port", "request_size", "0", "1", "-1", "200", "503", "9223372036854775807", "index");
    int d = depth - 1;
    return switch (random.nextInt(8)) {
      case 0, 1 -> "(" + integer(d) + pick(" + ", " - ", " * ", " / ", " % ") + integer(d) + ")";
      case 2 -> string(d) + ".size()";
      case 3 -> "size(" + pick(list(d), map()) + ")";
      case 4 -> "(" + bool(d) + " ? " + integer(d) + " : " + integer(d) + ")";
      case 5 -> "int(" + pick(string(d), real(d), integer(d)) + ")";
      case 6 -> "-(" + integer(d) + ")";
      default -> pick(time(d) + "." + pick("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfYear", "getDayOfWeek", "getHours",
          "getMinutes", "getSeconds",
          "getMilliseconds") + "()", span(d) + "." + pick("getHours", "getMinutes", "getSeconds") + "()", "[1, 2, 3][" + integer(d) + "]");
    };
  }

  String string(int depth) {
    if (depth <= 0) return pick("method", "path", "redis_key", "protocol", "src.ip", "\"\"", "\"GET\"", "\"/api\"", "\"host\"", "\"Grüße\"", "\"7\"",
        "status_class", "src.pod.name", "dst.name", "src.pod.namespace", "dst.service.namespace", "dst.dns", "remote_node_name", "\"shop\"");
    int d = depth - 1;
    return switch (random.nextInt(6)) {
      case 0 -> map() + "[" + string(d) + "]";
      case 1 -> "request.headers." + pick("Host", "host", "nope");
      case 2 -> "(" + string(d) + " + " + string(d) + ")";
      case 3 -> "(" + bool(d) + " ? " + string(d) + " : " + string(d) + ")";
      case 4 -> "string(" + pick(integer(d), bool(d), string(d)) + ")";
      default -> list(d) + "[" + pick("0", "1", integer(d)) + "]";
    };
  }

  private String map() {
    return pick("request.headers", "query_string", "request.headers", "local_labels", "dst.labels", "{\"a\": \"b\"}");
  }

  private String list(int depth) {
    if (depth <= 0) return pick("dns_questions", "dns_question_types", "[\"a\", \"GET\"]", "anomalies", "namespaces", "pods", "services", "dns_resolutions");
    return pick("dns_questions", "[" + string(depth - 1) + ", " + string(0) + "]", "(" + list(depth - 1) + " + " + list(0) + ")",
        list(depth - 1) + ".filter(y, y" + relation() + string(0) + ")", list(depth - 1) + ".map(z, z + " + string(0) + ")");
  }

  private String real(int depth) {
    if (depth <= 0) return pick("1.5", "0.0", "-2.25", "1e3", "200.0");
    int d = depth - 1;
    return pick("(" + real(d) + pick(" + ", " - ", " * ", " / ") + real(d) + ")", "double(" + integer(d) + ")", "-" + real(0).replace("-", ""));
  }

  private String time(int depth) {
    if (depth <= 0) return pick("timestamp", "timestamp(\"2023-11-14T22:13:20Z\")", "timestamp(\"2020-02-29T12:00:00+02:00\")", "timestamp(0)");
    return "(" + time(depth - 1) + pick(" + ", " - ") + span(depth - 1) + ")";
  }

  /** Whole seconds: CEL 0.14 for Java refuses negative durations with a fraction of a second. */
  private String span(int depth) {
    if (depth <= 0) return pick("duration(\"1h30m\")", "duration(\"15s\")", "duration(\"-3s\")", "duration(\"90m\")");
    return pick("(" + span(depth - 1) + pick(" + ", " - ") + span(0) + ")", "(" + time(depth - 1) + " - " + time(0) + ")");
  }
}
