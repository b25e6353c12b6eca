package io.kubeshark.dissect.http;

import static io.kubeshark.core.FieldSpec.request;
import static io.kubeshark.core.FieldSpec.response;
import static io.kubeshark.core.FieldType.BODY;
import static io.kubeshark.core.FieldType.INT;
import static io.kubeshark.core.FieldType.LIST;
import static io.kubeshark.core.FieldType.MAP;
import static io.kubeshark.core.FieldType.STRING;

import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.ProtocolInfo;
import java.util.List;

/** What an HTTP entry says. */
final class HttpFields {
  private HttpFields() {}

  static final FieldSpec METHOD = request(0, "method", STRING, "Method", "method", "Request method as sent, e.g. \"GET\".");
  static final FieldSpec URL =
      request(1, "url", STRING, "URL", "url", "Full URL if the request names its host (\"http://host/path?query\"), else the target as sent.");
  static final FieldSpec TARGET = request(2, "target", STRING, "Target", "target", "Request target as sent: the path with its query, mostly.");
  static final FieldSpec PATH = request(3, "path", STRING, "Path", "path", "Path of the target, without its query.");
  static final FieldSpec VERSION = request(4, "http_version", STRING, "Version", "http_version", "Version in the request line, e.g. \"HTTP/1.1\".");
  static final FieldSpec HOST = request(5, "host", STRING, "Host", "host", "Host header.");
  static final FieldSpec HEADERS = request(6, "headers", MAP, "Headers", "request.headers", "Request headers, names as sent.");
  static final FieldSpec COOKIES = request(7, "cookies", MAP, "Cookies", "request.cookies", "Cookies that the request brings.");
  static final FieldSpec QUERY = request(8, "query_string", MAP, "Query String", "query_string", "Query parameters, decoded.");
  static final FieldSpec HEADERS_SIZE =
      request(9, "request_headers_size", INT, "Headers Size", "request_headers_size", "Bytes of the request line and headers.");
  static final FieldSpec BODY_SIZE =
      request(10, "request_body_size", INT, "Body Size", "request_body_size", "Bytes of the request body on the wire, without chunk framing.");
  static final FieldSpec REQUEST_BODY = request(11, "body", BODY, "Body", "request.body", "Request body.");
  static final FieldSpec TRAILERS = request(12, "trailers", MAP, "Trailers", "request.trailers", "Trailer fields after a chunked request body.");

  static final FieldSpec STATUS = response(13, "status_code", INT, "Status", "status_code", "Status code, e.g. 404.");
  static final FieldSpec STATUS_TEXT = response(14, "status_text", STRING, "Status Text", "status_text", "Reason phrase as sent.");
  static final FieldSpec RESPONSE_VERSION = response(15, "http_version", STRING, "Version", "response_http_version", "Version in the status line.");
  static final FieldSpec RESPONSE_HEADERS =
      response(16, "headers", MAP, "Headers", "response.headers", "Response headers, names as sent.");
  static final FieldSpec RESPONSE_COOKIES =
      response(17, "cookies", MAP, "Cookies", "response.cookies", "Cookies that the response sets, without their attributes.");
  static final FieldSpec RESPONSE_HEADERS_SIZE =
      response(18, "response_headers_size", INT, "Headers Size", "response_headers_size", "Bytes of the status line and headers.");
  static final FieldSpec RESPONSE_BODY_SIZE =
      response(19, "response_body_size", INT, "Body Size", "response_body_size", "Bytes of the response body on the wire, without chunk framing.");
  static final FieldSpec INTERIM =
      response(20, "interim", LIST, "Interim Responses", "interim", "Status codes of the interim (1xx) responses that came before.");
  static final FieldSpec RESPONSE_BODY = response(21, "body", BODY, "Body", "response.body", "Response body.");
  static final FieldSpec RESPONSE_TRAILERS =
      response(22, "trailers", MAP, "Trailers", "response.trailers", "Trailer fields after a chunked response body.");

  static final ProtocolInfo INFO = new ProtocolInfo(
      "http", "Hypertext Transfer Protocol 1.x", "HTTP", "l7", "#205cf5", "#ffffff", "https://www.rfc-editor.org/rfc/rfc9112",
      List.of(80, 8080, 8000, 8008, 8888, 3000, 3128, 5000, 9090), List.of("http"),
      new ProtocolInfo.Row(METHOD, STATUS, TARGET),
      List.of(
          METHOD, URL, TARGET, PATH, VERSION, HOST, HEADERS, COOKIES, QUERY, HEADERS_SIZE, BODY_SIZE, REQUEST_BODY, TRAILERS,
          STATUS, STATUS_TEXT, RESPONSE_VERSION, RESPONSE_HEADERS, RESPONSE_COOKIES, RESPONSE_HEADERS_SIZE, RESPONSE_BODY_SIZE, INTERIM,
          RESPONSE_BODY, RESPONSE_TRAILERS));
}
