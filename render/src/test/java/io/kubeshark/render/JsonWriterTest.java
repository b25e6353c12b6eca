package io.kubeshark.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Jackson and the JDK's decoder are the oracles. */
class JsonWriterTest {
  private static final long SEED = 20261123;
  private static final JsonMapper JACKSON = JsonMapper.shared();

  @Test
  void anyBytesBecomeTheStringThatTheJdkDecodes() {
    Random random = new Random(SEED);
    JsonWriter out = new JsonWriter(1);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = bytes(random, random.nextInt(4), random.nextInt(40));
      int offset = random.nextInt(bytes.length + 1);
      int length = random.nextInt(bytes.length - offset + 1);
      out.clear();
      out.string(bytes, offset, length);
      String read = JACKSON.readTree(out.toByteArray()).asString();
      String expected = new String(bytes, offset, length, StandardCharsets.UTF_8);
      assertThat(merged(read)).as("seed %d round %d", SEED, round).isEqualTo(merged(expected));
    }
  }

  /** How many U+FFFD stand for one damage is no business of the JDK's: it counts surrogates otherwise than the standard. */
  private static String merged(String text) {
    return text.replaceAll("\uFFFD+", "\uFFFD");
  }

  /** Unicode 15 section 3.9, tables 3-8 to 3-11: one replacement for each maximal subpart. */
  @Test
  void damagedSequencesAreReplacedAsTheStandardSays() {
    assertThat(read("61f18080e180c262806380bf64")).isEqualTo("a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
    assertThat(read("c0aff0808041")).isEqualTo("\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
    assertThat(read("eda080edbfbfedaf41")).isEqualTo("\uFFFD".repeat(8) + "A");
    assertThat(read("f4919293ff4180bf42")).isEqualTo("\uFFFD".repeat(5) + "A\uFFFD\uFFFDB");
    assertThat(read("e18080e2f09192f1bf41")).isEqualTo("\u1000\uFFFD\uFFFD\uFFFDA");
  }

  private static String read(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return JACKSON.readTree(new JsonWriter(1).string(bytes, 0, bytes.length).toByteArray()).asString();
  }

  /** Kinds: any byte; ASCII; pieces of UTF-8 sequences; control characters and quotes in ASCII. */
  private static byte[] bytes(Random random, int kind, int length) {
    byte[] bytes = new byte[length];
    int[] lead = {0xc0, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0x80, 0x90, 0xa0, 0xbf, 0x41};
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) switch (kind) {
        case 0 -> random.nextInt(256);
        case 1 -> 0x20 + random.nextInt(0x5f);
        case 2 -> lead[random.nextInt(lead.length)];
        default -> random.nextInt(8) == 0 ? random.nextInt(0x20) : random.nextBoolean() ? '"' : '\\';
      };
    }
    return bytes;
  }

  @Test
  void everySpecialByteIsFoundAtEveryPlaceOfAWord() {
    JsonWriter out = new JsonWriter();
    for (int value = 0; value < 256; value++) {
      for (int place = 0; place < 17; place++) {
        byte[] bytes = "aaaaaaaaaaaaaaaaa".getBytes(StandardCharsets.US_ASCII);
        bytes[place] = (byte) value;
        out.clear();
        out.string(bytes, 0, bytes.length);
        assertThat(JACKSON.readTree(out.toByteArray()).asString()).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void commasStandBetweenAndNowhereElse() {
    JsonWriter out = new JsonWriter(2);
    byte[] key = JsonWriter.encodeKey("k\"");
    out.beginObject().key("a").beginArray().endArray().key("b").beginArray().number(1).beginObject().endObject().string("x").nullValue().endArray();
    out.key(key).bool(true).key("d").beginObject().key("e").numberText(-5).endObject().endObject();
    assertThat(out.toString()).isEqualTo("{\"a\":[],\"b\":[1,{},\"x\",null],\"k\\\"\":true,\"d\":{\"e\":\"-5\"}}");
    out.newLine();
    out.beginArray().endArray();
    assertThat(out.toString()).endsWith("}}\n[]");
  }

  @Test
  void numbersAreExact() {
    Random random = new Random(SEED);
    JsonWriter out = new JsonWriter(1);
    for (int round = 0; round < 20_000; round++) {
      long value = round < 4 ? new long[] {0, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE + 1L}[round] : random.nextLong() >> random.nextInt(64);
      out.clear();
      out.number(value);
      assertThat(out.toString()).as("seed %d round %d", SEED, round).isEqualTo(Long.toString(value));
    }
  }

  @Test
  void numbersOfEveryLength() {
    JsonWriter out = new JsonWriter(8);
    for (long power = 1, i = 0; i < 19; i++, power *= 10) {
      for (long value : new long[] {power - 1, power, power + 1, power / 7 * 5, -power}) {
        out.clear();
        assertThat(out.number(value).toString()).isEqualTo(Long.toString(value));
      }
    }
  }

  @Test
  void thousandthsKeepTheirFraction() {
    JsonWriter out = new JsonWriter();
    out.beginArray().thousandths(1_732_370_000_123_456L).thousandths(5000).thousandths(7).thousandths(-1500).thousandths(0).endArray();
    assertThat(out.toString()).isEqualTo("[1732370000123.456,5,0.007,-1.500,0]");
  }

  @Test
  void binaryFormsAreTheJdks() {
    Random random = new Random(SEED);
    for (int length = 0; length < 50; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertThat(new JsonWriter(1).base64(bytes, 0, length).toString()).isEqualTo('"' + Base64.getEncoder().encodeToString(bytes) + '"');
      assertThat(new JsonWriter(1).hex(bytes, 0, length).toString()).isEqualTo('"' + HexFormat.of().formatHex(bytes) + '"');
    }
  }

  @Test
  void addressesAreThoseOfCore() {
    Random random = new Random(SEED);
    for (int round = 0; round < 20_000; round++) {
      byte[] ip = new byte[16];
      for (int i = 0; i < 16; i += 2) {
        if (random.nextInt(3) == 0) continue;
        ip[i] = (byte) (random.nextBoolean() ? 0 : random.nextInt(256));
        ip[i + 1] = (byte) random.nextInt(256);
      }
      if (round % 4 == 0) {
        java.util.Arrays.fill(ip, 0, 10, (byte) 0);
        ip[10] = ip[11] = -1;
      }
      JsonWriter out = new JsonWriter(1);
      out.ip(ip, 0);
      assertThat(out.toString()).as("seed %d round %d", SEED, round).isEqualTo(IpAddress.text(ip, 0));
    }
  }

  @Test
  void longStringsFromJavaArriveWhole() {
    String text = "héllo \u0000 \uD83E\uDD88 \" \\ / \u2028 ".repeat(500);
    JsonNode node = JACKSON.readTree(new JsonWriter(1).string(text).toByteArray());
    assertThat(node.asString()).isEqualTo(text);
  }
}
