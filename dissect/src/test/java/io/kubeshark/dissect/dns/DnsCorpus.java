package io.kubeshark.dissect.dns;

import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Corpus;
import io.kubeshark.dissect.contract.PcapConversations;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** DNS conversations: from dig and dnsmasq (e2e/traffic), and by hand what they do not say. */
public final class DnsCorpus implements Corpus {
  @Override
  public String protocol() {
    return "dns";
  }

  @Override
  public List<Conversation> conversations() {
    List<Conversation> all = new ArrayList<>(List.of(steady(), stream(), records(), service(), update(), multicast(), odd()));
    all.addAll(PcapConversations.of("dns-udp", 4));
    all.addAll(PcapConversations.of("dns-tcp", 3));
    return all;
  }

  /** One question, two addresses, EDNS (RFC 6891). */
  static Conversation steady() {
    return Conversation.udp("steady", 53)
        .client(message(0x1234, 0x0100, 1, 0, 0, 1, question("www.example.com", 1), optional()))
        .server(message(0x1234, 0x8180, 1, 2, 0, 1, question("www.example.com", 1),
            record("c00c", 1, 300, "c0000201"), record("c00c", 1, 300, "c0000202"), optional()));
  }

  /** RFC 7766: several in flight over TCP, answered out of order. */
  static Conversation stream() {
    byte[] first = message(1, 0x0100, 1, 0, 0, 0, question("a.example", 28));
    byte[] second = message(2, 0x0100, 1, 0, 0, 0, question("b.example", 28));
    byte[] third = message(3, 0x0100, 1, 0, 0, 0, question("c.example", 16));
    return Conversation.tcp("stream", 53)
        .client(prefixed(first, second))
        .server(prefixed(
            message(2, 0x8580, 1, 1, 0, 0, question("b.example", 28), record("c00c", 28, 60, "20010db8000000000000000000000002")),
            message(1, 0x8583, 1, 0, 0, 0, question("a.example", 28))))
        .client(prefixed(third))
        .server(prefixed(message(3, 0x8580, 1, 1, 0, 0, question("c.example", 16), record("c00c", 16, 60, "0568656c6c6f0461222062"))));
  }

  /** One of each type that is shown in the notation of zone files. */
  static Conversation records() {
    return Conversation.udp("records", 53)
        .client(message(7, 0x0120, 1, 0, 0, 0, question("z.example", 255)))
        .server(message(7, 0x8580, 1, 14, 1, 0, question("z.example", 255),
            record("c00c", 2, 1, "036e7331c00c"),
            record("c00c", 5, 1, "0161c00c"),
            record("c00c", 6, 1, "036e7331c00c" + "0861646d2e6d61696cc00c" + "78563412" + "00000e10" + "00000384" + "00093a80" + "0000003c"),
            record("c00c", 12, 1, "0470747231c00c"),
            record("c00c", 13, 1, "03583836054c696e7578"),
            record("c00c", 15, 1, "000a046d61696cc00c"),
            record("c00c", 28, 1, "20010db8000000010000000000000001"),
            record("c00c", 28, 1, "00000000000000000000000000000001"),
            record("c00c", 28, 1, "00000000000000000000ffffc0000201"),
            record("c00c", 33, 1, "000100021f90037376" + "31c00c"),
            record("c00c", 35, 1, "000a0064" + "0175" + "074532552b736970" + "04212e2a21" + "00"),
            record("c00c", 256, 1, "000a0001" + "68747470733a2f2f78"),
            record("c00c", 257, 1, "80056973737565" + "63612e6578616d706c65"),
            record("c00c", 46, 1, "0001080200000e10"),
            record("c00c", 65280, 1, "0a0b")));
  }

  /** RFC 9460. */
  static Conversation service() {
    return Conversation.udp("service", 53)
        .client(message(8, 0x0100, 1, 0, 0, 0, question("h.example", 65)))
        .server(message(8, 0x8180, 1, 2, 0, 0, question("h.example", 65),
            record("c00c", 65, 300, "000100" + "00010006026832026833" + "000300021f90" + "00040004c0000201" + "0006001020010db8000000000000000000000001"),
            record("c00c", 64, 300, "0002" + "00" + "00020000" + "00050003010203" + "fff00000")));
  }

  /** RFC 2136: no questions but a zone, records in the query. And NOTIFY (RFC 1996), with AA set. */
  static Conversation update() {
    return Conversation.udp("update", 53)
        .client(message(9, 0x2800, 1, 0, 1, 0, question("example", 6), record("0577777777" + "77c00c", 1, 60, "c0000203")))
        .server(message(9, 0xa805, 1, 0, 0, 0, question("example", 6)))
        .client(message(10, 0x2400, 1, 0, 0, 0, question("example", 6)))
        .server(message(10, 0xa400, 1, 0, 0, 0, question("example", 6)));
  }

  /** RFC 6762: nobody answers in particular, the top bit of the class is not the class. */
  static Conversation multicast() {
    return Conversation.udp("multicast", 5353)
        .client(message(0, 0x0200, 1, 1, 0, 0, hex(name("_ipp._tcp.local") + "000c8001"), record("c00c", 12, 4500, "0161c00c")))
        .server(message(0, 0x8400, 0, 1, 0, 0, hex(name("_ipp._tcp.local") + "000c8001" + "00001194" + "0005" + "0370726900")));
  }

  /** A loop, a label too long, fewer records than promised, bytes behind, an error without its question, an id that is used again. */
  static Conversation odd() {
    return Conversation.udp("odd", 53)
        .client(message(20, 0x0100, 1, 0, 0, 0, question("ok.example", 1)))
        .server(message(20, 0x8180, 1, 1, 0, 0, question("ok.example", 1), record("c01c", 5, 60, "c028")))
        .client(message(21, 0x0100, 1, 0, 0, 0, question("short.example", 1)))
        .server(message(21, 0x8180, 1, 3, 0, 0, question("short.example", 1), record("c00c", 1, 60, "c0000201")))
        .client(message(22, 0x0100, 1, 0, 0, 0, question("more.example", 1), hex("ffff")))
        .server(message(22, 0x8381, 1, 0, 0, 0, question("more.example", 1)))
        .client(message(23, 0x0100, 1, 0, 0, 0, question("a\\b c.example", 1)))
        .client(message(23, 0x0100, 1, 0, 0, 0, question("a\\b c.example", 1)))
        .server(message(23, 0x8185, 1, 0, 0, 0, question("A\\B C.example", 1)))
        .client(message(24, 0x0100, 1, 0, 0, 0, question("last.example", 1)))
        .server(message(24, 0x8180, 1, 1, 0, 0, question("last.example", 1), record("c00c", 1, 60, "c0000204")))
        .endsWithConnection(); // extra bytes may be any number
  }

  static byte[] message(int id, int flags, int questions, int answers, int authorities, int additionals, byte[]... parts) {
    int length = 12;
    for (byte[] part : parts) length += part.length;
    ByteBuffer out = ByteBuffer.allocate(length);
    for (int value : new int[] {id, flags, questions, answers, authorities, additionals}) out.putShort((short) value);
    for (byte[] part : parts) out.put(part);
    return out.array();
  }

  static byte[] prefixed(byte[]... messages) {
    int length = 0;
    for (byte[] message : messages) length += 2 + message.length;
    ByteBuffer out = ByteBuffer.allocate(length);
    for (byte[] message : messages) out.putShort((short) message.length).put(message);
    return out.array();
  }

  static byte[] question(String name, int type) {
    return hex(name(name) + String.format("%04x0001", type));
  }

  static String name(String text) {
    StringBuilder out = new StringBuilder();
    for (String label : text.split("\\.")) {
      out.append(String.format("%02x", label.length())).append(HexFormat.of().formatHex(label.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)));
    }
    return out.append("00").toString();
  }

  static byte[] record(String name, int type, int ttl, String data) {
    return hex(name + String.format("%04x0001%08x%04x", type, ttl, data.length() / 2) + data);
  }

  /** Extended code 0, version 0, DO, a cookie. */
  private static byte[] optional() {
    return hex("00" + "0029" + "04d0" + "00008000" + "000c" + "000a0008" + "0102030405060708");
  }

  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
