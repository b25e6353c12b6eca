package io.kubeshark.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.codec.FormData.Pair;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FormDataTest {
  private static final String MULTIPART = "multipart/form-data; boundary=\"x-1\"";
  private static final String PARTS = "preamble\r\n--x-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo --x-1\r\n"
      + "--x-1\r\ncontent-disposition: form-data; name=f; filename=\"C:\\dir\\x \\\"y\\\".bin\"\r\nContent-Type: application/octet-stream\r\n\r\n"
      + "\u0001\u0002\u0003\r\n--x-1\r\nContent-Disposition: form-data; name=\"e\"\r\n\r\n\r\n"
      + "--x-1\r\nContent-Disposition: form-data; name=\"n\"; filename*=UTF-8''na%C3%AFve+1.txt\r\n\r\nhi\r\n--x-1--\r\nepilogue";

  private static FormData parse(String body, String mediaType) {
    byte[] bytes = ("??" + body).getBytes(StandardCharsets.UTF_8);
    return FormData.parse(bytes, 2, bytes.length - 2, mediaType);
  }

  private static Pair pair(String name, String value, int length) {
    return new Pair(name, value, null, null, length);
  }

  @Test
  void urlEncodedPairs() {
    assertThat(parse("a=1&b=x+y%20z&&c&=d&e=%C3%BC&f=%zz%4&g=a=b", "application/x-www-form-urlencoded; charset=UTF-8"))
        .isEqualTo(new FormData(java.util.List.of(pair("a", "1", 1), pair("b", "x y z", 7), pair("c", "", 0), pair("", "d", 1), pair("e", "ü", 6),
            pair("f", "%zz%4", 5), pair("g", "a=b", 3)), false));
    FormData many = parse("a=1&".repeat(FormData.PAIRS_MAX + 1), "application/x-www-form-urlencoded");
    assertThat(many.pairs()).hasSize(FormData.PAIRS_MAX);
    assertThat(many.truncated()).isTrue();
    FormData longValue = parse("a=" + "x".repeat(FormData.VALUE_BYTES_MAX + 1), "application/x-www-form-urlencoded");
    assertThat(longValue.truncated()).isTrue();
    assertThat(longValue.pairs().getFirst().value()).hasSize(FormData.VALUE_BYTES_MAX);
  }

  @Test
  void multipartPairsAndFiles() {
    FormData form = parse(PARTS, MULTIPART);
    assertThat(form.truncated()).isFalse();
    assertThat(form.pairs()).containsExactly(pair("a", "one\r\ntwo --x-1", 14),
        new Pair("f", "", "C:\\dir\\x \"y\".bin", "application/octet-stream", 3), pair("e", "", 0), new Pair("n", "", "naïve+1.txt", null, 2));
    assertThat(parse(PARTS, "multipart/form-data").pairs()).isEmpty();
    assertThat(parse(PARTS, "text/plain").pairs()).isEmpty();
  }

  @Test
  void cutAnywhereItSaysSo() {
    int end = PARTS.indexOf("--x-1--") + "--x-1--".length();
    for (int length = 0; length < PARTS.length(); length++) {
      FormData form = parse(PARTS.substring(0, length), MULTIPART);
      assertThat(form.truncated()).as("cut at " + length).isEqualTo(length < end);
    }
  }

  @Test
  void randomBytesNeverThrow() {
    for (long seed = 1; seed <= 3000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = PARTS.getBytes(StandardCharsets.UTF_8);
      for (int flips = random.nextInt(20); flips > 0; flips--) bytes[random.nextInt(bytes.length)] = (byte) "-\r\n:;\"=&%x".charAt(random.nextInt(10));
      String mediaType = random.nextBoolean() ? MULTIPART : "application/x-www-form-urlencoded";
      try {
        assertThat(FormData.parse(bytes, 0, bytes.length, mediaType).pairs().size()).isLessThan(50);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }
}
