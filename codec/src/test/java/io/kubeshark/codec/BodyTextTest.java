package io.kubeshark.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BodyTextTest {
  private static String text(byte[] bytes, String mediaType) {
    BodyText text = BodyText.of(bytes, 0, bytes.length, mediaType);
    return text.text() ? text.decode(bytes, 0, bytes.length) : null;
  }

  @Test
  void charsetsInTheirOrder() {
    byte[] utf8 = "Grüße €".getBytes(StandardCharsets.UTF_8);
    byte[] latin = "Grüße".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(text(utf8, "text/plain")).isEqualTo("Grüße €");
    assertThat(text(latin, "text/plain")).isEqualTo("Grüße");
    assertThat(text(latin, "text/plain; charset=utf-8")).as("what it calls itself, but is not").isEqualTo("Grüße");
    assertThat(text("Grüße".getBytes(Charset.forName("windows-1252")), "text/html; Charset=\"windows-1252\"")).isEqualTo("Grüße");
    assertThat(text("Grüße".getBytes(StandardCharsets.UTF_16), "application/json")).isEqualTo("Grüße");
    assertThat(text("Grüße".getBytes(StandardCharsets.UTF_16LE), "text/plain;charset=utf-16le")).isEqualTo("Grüße");
    assertThat(text(utf8, "text/plain; charset=no-such thing!")).isEqualTo("Grüße €");
    assertThat(text(Arrays.copyOf(utf8, utf8.length - 1), "text/plain")).startsWith("Grüße ");
  }

  @Test
  void contentDecidesWhereTheTypeDoesNot() {
    assertThat(text("{\"a\":1}".getBytes(StandardCharsets.UTF_8), null)).isEqualTo("{\"a\":1}");
    assertThat(text("{\"a\":1}".getBytes(StandardCharsets.UTF_8), "application/octet-stream")).isEqualTo("{\"a\":1}");
    assertThat(text(new byte[] {1, 2, 3, 'a'}, "application/octet-stream")).isNull();
    assertThat(text(new byte[] {'a', 0, 'b'}, "text/plain")).as("says text, is not").isNull();
    assertThat(text(new byte[] {(byte) 0xff, 'x'}, "")).isNull();
    assertThat(text("GIF89a".getBytes(StandardCharsets.UTF_8), "image/gif")).isNull();
    assertThat(text("<svg/>".getBytes(StandardCharsets.UTF_8), "image/svg+xml")).isEqualTo("<svg/>");
    assertThat(text(new byte[0], null)).isEmpty();
  }

  @Test
  void utf8IsCheckedAsTheRfcSays() {
    int[][] bad = {{0xc0, 0x80}, {0xe0, 0x80, 0x80}, {0xed, 0xa0, 0x80}, {0xf4, 0x90, 0x80, 0x80}, {0xf8, 0x80}, {0x80}, {0xc3, 0x28}};
    for (int[] sequence : bad) {
      byte[] bytes = new byte[sequence.length + 1];
      for (int i = 0; i < sequence.length; i++) bytes[i] = (byte) sequence[i];
      bytes[sequence.length] = 'x';
      assertThat(BodyText.isUtf8(bytes, 0, bytes.length)).as(Arrays.toString(sequence)).isFalse();
    }
    for (int codePoint = 0; codePoint < 0x110000; codePoint += 7) {
      if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
      byte[] bytes = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
      assertThat(BodyText.isUtf8(bytes, 0, bytes.length)).as("U+%x", codePoint).isTrue();
    }
  }
}
