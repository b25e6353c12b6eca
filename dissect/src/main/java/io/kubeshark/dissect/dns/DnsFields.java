package io.kubeshark.dissect.dns;

import static io.kubeshark.core.FieldSpec.request;
import static io.kubeshark.core.FieldSpec.response;

import io.kubeshark.core.Direction;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import java.util.List;

/** What a DNS message carries, and how it is shown. */
final class DnsFields {
  private DnsFields() {}

  static final FieldSpec IS_REQUEST = request(0, "dns_request", FieldType.BOOL, "Query", "dns_request", "The query was seen");
  static final FieldSpec ID = request(1, "id", FieldType.INT, "Id", "dns_id", "Message id");
  static final FieldSpec OPCODE = request(2, "opcode", FieldType.STRING, "OpCode", "dns_opcode", "QUERY, IQUERY, STATUS, NOTIFY, UPDATE");
  static final FieldSpec FLAGS = request(3, "flags", FieldType.STRING, "Flags", "dns_request_flags", "Flags of the query, of rd, ad, cd");
  static final FieldSpec TYPE = request(4, "type", FieldType.STRING, "Type", "dns_question_type", "Type of the first question");
  static final FieldSpec NAME = request(5, "name", FieldType.STRING, "Name", "dns_question", "Name of the first question");
  static final FieldSpec LENGTH = request(6, "length", FieldType.INT, "Length", "dns_request_length", "Bytes of the query message");
  static final FieldSpec NAMES = request(7, "names", FieldType.LIST, "Names", "dns_questions", "Names asked for");
  static final FieldSpec TYPES = request(8, "types", FieldType.LIST, "Types", "dns_question_types", "Types asked for");
  static final FieldSpec QUESTIONS = FieldSpec.table(9, Direction.CLIENT, "questions", "Questions", null, "The question section", "name", "type", "class");
  static final FieldSpec REQUEST_RECORDS = FieldSpec.table(10, Direction.CLIENT, "records", "Records", null, "Other records of the query (EDNS, updates)",
      "section", "name", "type", "class", "ttl", "data");
  static final FieldSpec IS_RESPONSE = response(11, "dns_response", FieldType.BOOL, "Response", "dns_response", "The response was seen");
  static final FieldSpec CODE = response(12, "code", FieldType.STRING, "Code", "dns_code", "Response code: NOERROR, NXDOMAIN, SERVFAIL, …");
  static final FieldSpec RESPONSE_FLAGS = response(13, "flags", FieldType.STRING, "Flags", "dns_response_flags", "Flags of the response, of aa, tc, rd, ra, ad, cd");
  static final FieldSpec RESPONSE_LENGTH = response(14, "length", FieldType.INT, "Length", "dns_response_length", "Bytes of the response message");
  static final FieldSpec ANSWER_DATA = response(15, "data", FieldType.LIST, "Answers", "dns_answers", "Data of the answer records");
  static final FieldSpec ANSWERS = table(16, "answers", "Answer records");
  static final FieldSpec AUTHORITIES = table(17, "authorities", "Authority records");
  static final FieldSpec ADDITIONALS = table(18, "additionals", "Additional records");
  static final FieldSpec RESPONSE_TYPE = response(19, "type", FieldType.STRING, "Question type", "dns_response_question_type", "Type of the question that the response repeats");
  static final FieldSpec RESPONSE_NAME = response(20, "name", FieldType.STRING, "Question", "dns_response_question", "Name of the question that the response repeats");

  private static FieldSpec table(int id, String name, String title) {
    return FieldSpec.table(id, Direction.SERVER, name, title, null, title, "name", "type", "class", "ttl", "data");
  }

  static final ProtocolInfo INFO = new ProtocolInfo("dns", "Domain Name System", "DNS", "l7", "#606060", "#ffffff",
      "https://www.rfc-editor.org/rfc/rfc1035", List.of(53, 5353, 5355), List.of("dns"), new ProtocolInfo.Row(TYPE, CODE, NAME),
      List.of(IS_REQUEST, ID, OPCODE, FLAGS, TYPE, NAME, LENGTH, NAMES, TYPES, QUESTIONS, REQUEST_RECORDS, IS_RESPONSE, CODE, RESPONSE_FLAGS,
          RESPONSE_LENGTH, ANSWER_DATA, ANSWERS, AUTHORITIES, ADDITIONALS, RESPONSE_TYPE, RESPONSE_NAME));
}
