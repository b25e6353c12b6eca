package io.kubeshark.dissect.redis;

import static io.kubeshark.core.FieldSpec.request;
import static io.kubeshark.core.FieldSpec.response;

import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import java.util.List;

/** What a Redis command and its reply carry, and how they are shown. */
final class RedisFields {
  private RedisFields() {}

  static final FieldSpec TYPE = request(0, "type", FieldType.STRING, "Type", "redis_type", "array, or inline");
  static final FieldSpec COMMAND = request(1, "command", FieldType.STRING, "Command", "redis_command", "Command name in upper case");
  static final FieldSpec KEY = request(2, "key", FieldType.STRING, "Key", "redis_key", "First argument, the key for most commands; at most 1 KiB");
  static final FieldSpec ARGUMENT_COUNT = request(3, "argument_count", FieldType.INT, "Arguments", "redis_argument_count", "Arguments after the command");
  static final FieldSpec ARGUMENTS = request(4, "arguments", FieldType.LIST, "Arguments", "redis_arguments", "Arguments after the command");
  static final FieldSpec VALUE = request(5, "body", FieldType.BODY, "Value", "request.body", "Last argument of commands with two or more");
  static final FieldSpec REPLY_TYPE = response(6, "type", FieldType.STRING, "Type", "redis_response_type",
      "simple string, error, integer, bulk string, array, null, boolean, double, big number, verbatim string, map, set, push");
  static final FieldSpec STATUS = response(7, "status", FieldType.STRING, "Status", "redis_status", "OK, the error's first word, or the type");
  static final FieldSpec ERROR = response(8, "error", FieldType.STRING, "Error", "redis_error", "Text of an error reply");
  static final FieldSpec ELEMENTS = response(9, "elements", FieldType.INT, "Elements", "redis_elements", "Elements of an aggregate reply");
  static final FieldSpec REPLY = response(10, "body", FieldType.BODY, "Value", "response.body", "The reply's value; aggregates as JSON");

  static final ProtocolInfo INFO = new ProtocolInfo("redis", "Redis serialization protocol", "REDIS", "l7", "#a41e11", "#ffffff",
      "https://redis.io/docs/latest/develop/reference/protocol-spec/", List.of(6379, 6380, 16379), List.of("redis"),
      new ProtocolInfo.Row(COMMAND, STATUS, KEY),
      List.of(TYPE, COMMAND, KEY, ARGUMENT_COUNT, ARGUMENTS, VALUE, REPLY_TYPE, STATUS, ERROR, ELEMENTS, REPLY));
}
