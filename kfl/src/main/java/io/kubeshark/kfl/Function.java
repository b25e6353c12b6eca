package io.kubeshark.kfl;

import java.util.List;

/**
 * A function, for documentation and completion.
 *
 * @param receiver the type that it is called on ({@code path.contains(…)}), "" for one that stands alone
 */
public record Function(String name, String receiver, String signature, String doc, String example) {
  static final List<Function> ALL = List.of(
      new Function("contains", "string", "string.contains(string) -> bool", "Whether the text has the other one in it", "path.contains(\"/api\")"),
      new Function("startsWith", "string", "string.startsWith(string) -> bool", "Whether the text begins so", "path.startsWith(\"/api/\")"),
      new Function("endsWith", "string", "string.endsWith(string) -> bool", "Whether the text ends so", "path.endsWith(\".css\")"),
      new Function("matches", "string", "string.matches(string) -> bool", "Whether the RE2 regular expression is found in the text",
          "path.matches(\"^/users/[0-9]+$\")"),
      new Function("json", "string", "string.json(string) -> dyn",
          "What a JSON path finds in the text ($.a.b[0], $.items[*].id); an error if there is nothing",
          "request.body.json(\"$.user.name\") == \"jo\""),
      new Function("lowerAscii", "string", "string.lowerAscii() -> string", "The text with A–Z made small", "url.lowerAscii().contains(\"login\")"),
      new Function("upperAscii", "string", "string.upperAscii() -> string", "The text with a–z made large", "redis_command.upperAscii() == \"GET\""),
      new Function("size", "string", "string.size() -> int", "How many characters", "path.size() > 100"),
      new Function("size", "list", "list.size() -> int", "How many items", "dns_answers.size() == 0"),
      new Function("size", "map", "map.size() -> int", "How many names", "query_string.size() > 3"),
      new Function("exists", "list", "list.exists(x, bool) -> bool", "Whether the condition holds for an item",
          "pods.exists(p, p.startsWith(\"cart\"))"),
      new Function("all", "list", "list.all(x, bool) -> bool", "Whether it holds for every item", "namespaces.all(n, n != \"kube-system\")"),
      new Function("exists_one", "list", "list.exists_one(x, bool) -> bool", "Whether it holds for exactly one item",
          "pods.exists_one(p, p == \"a\")"),
      new Function("filter", "list", "list.filter(x, bool) -> list", "The items for which it holds", "pods.filter(p, p != \"\").size() > 1"),
      new Function("map", "list", "list.map(x, value) -> list", "What the expression makes of each item", "\"a\" in pods.map(p, p.lowerAscii())"),
      new Function("exists", "map", "map.exists(name, bool) -> bool", "Whether the condition holds for a name",
          "request.headers.exists(h, h.startsWith(\"X-\"))"),
      new Function("all", "map", "map.all(name, bool) -> bool", "Whether it holds for every name", "query_string.all(n, n != \"debug\")"),
      new Function("size", "", "size(string | list | map) -> int", "How many characters, items, names", "size(path) > 100"),
      new Function("has", "", "has(map.name) -> bool", "Whether the map has the name", "has(request.headers.authorization)"),
      new Function("map_get", "", "map_get(map, key, default) -> value", "The value of a key, or the default where the key is missing",
          "map_get(request.headers, \"x-env\", \"\") == \"prod\""),
      new Function("json", "", "json(string, string) -> dyn", "What a JSON path finds in a text", "json(response.body, \"$.items[0].id\") == 1"),
      new Function("ip_in", "", "ip_in(string, string) -> bool", "Whether an address is in a network (CIDR); false for what is no address",
          "ip_in(src.ip, \"10.0.0.0/8\")"),
      new Function("timestamp", "", "timestamp(string | int) -> timestamp", "A moment: RFC 3339, or seconds since 1970",
          "timestamp > timestamp(\"2026-01-31T12:00:00Z\")"),
      new Function("duration", "", "duration(string) -> duration", "A span: h, m, s, ms, us, ns", "timestamp > now() - duration(\"5m\")"),
      new Function("now", "", "now() -> timestamp", "The moment at which the entry is looked at", "timestamp > now() - duration(\"30s\")"),
      new Function("matches", "", "matches(string, string) -> bool", "Whether the RE2 regular expression is found in the text",
          "matches(path, \"^/v[12]/\")"),
      new Function("int", "", "int(string | double | timestamp) -> int", "A number; seconds since 1970 of a timestamp",
          "int(map_get(response.headers, \"content-length\", \"0\")) > 1000"),
      new Function("double", "", "double(string | int) -> double", "A number with a fraction", "double(response_size) / 1024.0 > 1.5"),
      new Function("string", "", "string(int | double | bool | timestamp | duration) -> string", "A value as text",
          "string(status_code).startsWith(\"5\")"),
      new Function("dyn", "", "dyn(value) -> dyn", "The value with its type left open", "dyn(status_code) == 200.0"),
      new Function("getFullYear", "timestamp", "timestamp.getFullYear() -> int", "Year, UTC", "timestamp.getFullYear() == 2026"),
      new Function("getMonth", "timestamp", "timestamp.getMonth() -> int", "Month, 0–11", "timestamp.getMonth() == 0"),
      new Function("getDate", "timestamp", "timestamp.getDate() -> int", "Day of the month, 1–31", "timestamp.getDate() == 31"),
      new Function("getDayOfMonth", "timestamp", "timestamp.getDayOfMonth() -> int", "Day of the month, 0–30", "timestamp.getDayOfMonth() == 30"),
      new Function("getDayOfYear", "timestamp", "timestamp.getDayOfYear() -> int", "Day of the year, 0–365", "timestamp.getDayOfYear() == 0"),
      new Function("getDayOfWeek", "timestamp", "timestamp.getDayOfWeek() -> int", "0 Sunday – 6 Saturday", "timestamp.getDayOfWeek() == 0"),
      new Function("getHours", "timestamp", "timestamp.getHours() -> int", "Hour, UTC", "timestamp.getHours() < 6"),
      new Function("getMinutes", "timestamp", "timestamp.getMinutes() -> int", "Minute", "timestamp.getMinutes() == 0"),
      new Function("getSeconds", "timestamp", "timestamp.getSeconds() -> int", "Second", "timestamp.getSeconds() == 0"),
      new Function("getMilliseconds", "timestamp", "timestamp.getMilliseconds() -> int", "Millisecond", "timestamp.getMilliseconds() < 10"),
      new Function("getHours", "duration", "duration.getHours() -> int", "Whole hours", "(now() - timestamp).getHours() < 1"),
      new Function("getMinutes", "duration", "duration.getMinutes() -> int", "Whole minutes", "(now() - timestamp).getMinutes() < 5"),
      new Function("getSeconds", "duration", "duration.getSeconds() -> int", "Whole seconds", "(now() - timestamp).getSeconds() < 30"),
      new Function("getMilliseconds", "duration", "duration.getMilliseconds() -> int", "Milliseconds within the second",
          "(now() - timestamp).getMilliseconds() < 500"));
}
