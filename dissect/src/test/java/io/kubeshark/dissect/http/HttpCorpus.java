package io.kubeshark.dissect.http;

import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Corpus;
import io.kubeshark.dissect.contract.PcapConversations;
import java.util.ArrayList;
import java.util.List;

/**
 * HTTP/1 conversations. By hand: in the words of nginx 1.22, curl 7.88 and Apache 2.4, or where no well-behaved program says it. From
 * captures: e2e/traffic/samples, whose json says which client and server.
 */
public final class HttpCorpus implements Corpus {
  @Override
  public String protocol() {
    return "http";
  }

  @Override
  public List<Conversation> conversations() {
    List<Conversation> all = new ArrayList<>(List.of(
        keepAlive(), pipelined(), chunked(), continued(), bodyless(), earlyHints(), targets(), cookies(), upgradeRefused(), odd(), conflicting(),
        closeDelimited(), websocket(), connect()));
    all.addAll(PcapConversations.of("http-keepalive", 1));
    all.addAll(PcapConversations.of("http-pipelined", 1));
    all.addAll(PcapConversations.of("http-chunked", 1));
    all.addAll(PcapConversations.of("http-gzip", 1));
    all.addAll(PcapConversations.of("http-head-204-304", 2));
    all.addAll(PcapConversations.of("http-post-continue", 2));
    for (Conversation each : PcapConversations.of("http-close", 2)) all.add(each.unrecoverable().endsWithConnection());
    for (Conversation each : PcapConversations.of("http-upgrade", 1)) all.add(each.unrecoverable());
    for (Conversation each : PcapConversations.of("http-connect", 1)) all.add(each.unrecoverable());
    return all;
  }

  /** An exchange like any other, to end conversations with. */
  private static Conversation plus(Conversation conversation, String path) {
    return conversation
        .client("GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/plain\r\nContent-Length: " + path.length()
            + "\r\nConnection: keep-alive\r\nX-Echo: " + path + "\r\n\r\n" + path);
  }

  static Conversation keepAlive() {
    return plus(plus(plus(Conversation.tcp("keep-alive", 80), "/first"), "/second?a=1"), "/third");
  }

  /** Two in one run, to end conversations of a client that pipelines with: of that one request alone is not known to be alone. */
  private static Conversation plusTwo(Conversation conversation) {
    return conversation
        .client("GET /four HTTP/1.1\r\nHost: a\r\n\r\nGET /five HTTP/1.1\r\nHost: a\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfourHTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nfive");
  }

  private static Conversation pipelined() {
    return plusTwo(Conversation.tcp("pipelined", 8080)
        .client("GET /one HTTP/1.1\r\nHost: a\r\n\r\nPOST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloHEAD /three HTTP/1.1\r\nHost: a\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\ntwo"
            + "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1000\r\n\r\n"));
  }

  private static Conversation chunked() {
    return plus(Conversation.tcp("chunked", 80)
        .client("PUT /upload HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\nTrailer: Digest\r\n\r\n"
            + "7\r\n{\"a\":1,\r\n00a;name=value;q=\"x\"\r\n\"b\":\"\\r\\n\"\r\n1 \r\n}\r\n0\r\nDigest: sha-256=abc\r\nX-Odd:  y \r\n\r\n")
        .server("HTTP/1.1 201 Created\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Encoding: br\r\n\r\n")
        .server("B\r\nhello world\r\n")
        .server("0\r\n\r\n"), "/after-chunks");
  }

  private static Conversation continued() {
    return plus(Conversation.tcp("continue", 80)
        .client("POST /form?x=1 HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 23\r\nExpect: 100-continue\r\n\r\n")
        .server("HTTP/1.1 100 Continue\r\n\r\n")
        .client("name=value&other=value2")
        .server("HTTP/1.1 302 Found\r\nLocation: /done\r\nContent-Length: 0\r\n\r\n"), "/done");
  }

  private static Conversation bodyless() {
    return plus(Conversation.tcp("bodyless", 80)
        .client("HEAD /file HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 615\r\nETag: \"5c7\"\r\n\r\n")
        .client("DELETE /item/1 HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n")
        .server("HTTP/1.1 204 No Content\r\nServer: nginx/1.22.1\r\n\r\n")
        .client("GET /file HTTP/1.1\r\nHost: shop.example\r\nIf-None-Match: \"5c7\"\r\n\r\n")
        .server("HTTP/1.1 304 Not Modified\r\nContent-Length: 615\r\nETag: \"5c7\"\r\n\r\n"), "/last");
  }

  private static Conversation earlyHints() {
    return plus(Conversation.tcp("early-hints", 80)
        .client("GET /page HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .server("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage"), "/after-hints");
  }

  private static Conversation targets() {
    return plus(Conversation.tcp("targets", 3128)
        .client("GET http://other.example:81/path/?q=1#f HTTP/1.1\r\nHost: other.example:81\r\n\r\n")
        .server("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n1")
        .client("GET http://bare.example HTTP/1.0\r\nhost:bare.example\r\n\r\n")
        .server("HTTP/1.0 200 \r\nContent-Length: 1\r\n\r\n2")
        .client("OPTIONS * HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nAllow: GET,HEAD\r\nContent-Length: 0\r\n\r\n")
        .client("GET /gr%C3%BC%C3%9Fe+x?name=J%c3%bcrgen+M&flag&bad=%zz%4&=v&&a=b=c&end=1% HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .server("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 1\r\n\r\n3"), "/plain");
  }

  private static Conversation cookies() {
    return plus(Conversation.tcp("cookies", 80)
        .client("GET / HTTP/1.1\r\nHost: shop.example\r\nCookie: session=abc=; theme=dark;lone;  spaced = x \r\ncookie: more=1\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nSet-Cookie: session=def; Path=/; HttpOnly\r\nset-cookie: theme=; Max-Age=0\r\nContent-Length: 2\r\n\r\nok"), "/later");
  }

  private static Conversation upgradeRefused() {
    return plusTwo(Conversation.tcp("upgrade-refused", 80)
        .client("POST /h2c HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
            + "Content-Length: 4\r\n\r\nbodyGET /impatient HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwait"));
  }

  /** Readable, but nothing that a good program sends. */
  private static Conversation odd() {
    return plus(Conversation.tcp("odd", 80)
        .client("GET /bare HTTP/1.1\nHost: shop.example\nAccept: */*\n\n")
        .server("HTTP/1.1 200 OK\nContent-Length: 4\n\nbare")
        .client("\r\n\r\nGET /folded HTTP/1.1\r\nHost: shop.example\r\nX-Long: one \r\n  two\r\n\tthree\r\nX-Empty:\r\nno colon\r\nBad Name: x\r\nX-Last:\r\n folded\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length : 6\r\n\r\nfolded")
        .client("FROB /method HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .server("HTTP/1.1 501 Not Implemented\r\nContent-Length: 6\r\n\r\nmethod")
        .client("get /a b HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        .server("HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nspace"), "/well");
  }

  private static Conversation conflicting() {
    return plus(Conversation.tcp("conflicting", 80)
        .client("POST /smuggle HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab")
        .client("POST /twice HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 2, 2\r\n\r\nab")
        .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx")
        .client("POST /negative HTTP/1.1\r\nHost: shop.example\r\nContent-Length: -5\r\n\r\n")
        .server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), "/sane");
  }

  private static Conversation closeDelimited() {
    return Conversation.tcp("close-delimited", 80)
        .client("GET /old HTTP/1.0\r\n\r\n")
        .server("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall that")
        .server(" comes until the end\r\nHTTP/1.1 200 is no head here")
        .unrecoverable().endsWithConnection();
  }

  private static Conversation websocket() {
    return Conversation.tcp("websocket", 80)
        .client("GET /chat HTTP/1.1\r\nHost: shop.example\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        .server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        .clientHex("81 85 37fa213d 7f9f4d5158")
        .serverHex("81 05 48656c6c6f")
        .unrecoverable();
  }

  private static Conversation connect() {
    return Conversation.tcp("connect", 3128)
        .client("CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n")
        .server("HTTP/1.1 200 Connection established\r\n\r\n")
        .clientHex("16 0301 0005 0100000100")
        .serverHex("16 0303 0005 0200000100")
        .unrecoverable();
  }
}
