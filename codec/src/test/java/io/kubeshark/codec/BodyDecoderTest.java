package io.kubeshark.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class BodyDecoderTest {
  private static final int MAX = 4 << 20;
  /** "hello hello hello hello hello\n", by Node.js zlib (brotli 1.0). */
  private static final byte[] BROTLI = HexFormat.of().parseHex("1b1d00f88d946ede445586d60a206c6f4a117ae280522d00");

  private static BodyDecoder.Decoded decode(byte[] bytes, String encoding) {
    return decode(bytes, encoding, MAX);
  }

  private static BodyDecoder.Decoded decode(byte[] bytes, String encoding, int max) {
    byte[] framed = new byte[bytes.length + 5]; // never at offset 0, never to the array's end
    System.arraycopy(bytes, 0, framed, 3, bytes.length);
    return BodyDecoder.decode(framed, 3, bytes.length, encoding, max);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static byte[] deflate(byte[] bytes, boolean raw) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, new Deflater(6, raw))) {
      deflate.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  static byte[] zstd(byte[] bytes) {
    ZstdJavaCompressor compressor = new ZstdJavaCompressor();
    byte[] out = new byte[compressor.maxCompressedLength(bytes.length)];
    return Arrays.copyOf(out, compressor.compress(bytes, 0, bytes.length, out, 0, out.length));
  }

  /** Text-like: words of a small vocabulary, now and then noise. */
  static byte[] sample(Random random, int length) {
    byte[] bytes = new byte[length];
    int at = 0;
    while (at < length) {
      byte[] word = random.nextInt(20) == 0 ? new byte[random.nextInt(40)] : text(Integer.toString(random.nextInt(1 << random.nextInt(20)), 36)
          + " ");
      if (word.length > 0 && word[0] == 0) random.nextBytes(word);
      int n = Math.min(word.length, length - at);
      System.arraycopy(word, 0, bytes, at, n);
      at += n;
    }
    return bytes;
  }

  @Test
  void everyEncodingIsUndone() {
    for (long seed = 1; seed <= 60; seed++) {
      Random random = new Random(seed);
      byte[] plain = sample(random, random.nextInt(1 << 4 + random.nextInt(16)) + 1);
      assertWhole(seed, decode(gzip(plain), "gzip"), plain);
      assertWhole(seed, decode(gzip(plain), " X-GZIP "), plain);
      assertWhole(seed, decode(deflate(plain, false), "deflate"), plain);
      assertWhole(seed, decode(deflate(plain, true), "deflate"), plain);
      assertWhole(seed, decode(zstd(plain), "zstd"), plain);
      assertWhole(seed, decode(zstd(gzip(plain)), "gzip, zstd"), plain);
      assertWhole(seed, decode(plain, "identity"), plain);
      assertWhole(seed, decode(plain, null), plain);
    }
    assertWhole(0, decode(BROTLI, "br"), text("hello hello hello hello hello\n"));
  }

  private static void assertWhole(long seed, BodyDecoder.Decoded decoded, byte[] plain) {
    assertThat(decoded.bytes()).as("seed " + seed).isEqualTo(plain);
    assertThat(decoded.note()).as("seed " + seed).isNull();
    assertThat(decoded.truncated()).isFalse();
  }

  @Test
  void cutStreamsGiveWhatDecodes() {
    byte[] plain = sample(new Random(7), 300_000);
    for (String encoding : new String[] {"gzip", "deflate", "zstd"}) {
      byte[] whole = switch (encoding) {
        case "gzip" -> gzip(plain);
        case "deflate" -> deflate(plain, false);
        default -> zstd(plain);
      };
      for (int length = 1; length < whole.length; length += 1 + length / 7) {
        BodyDecoder.Decoded decoded = decode(Arrays.copyOf(whole, length), encoding);
        assertThat(decoded.note()).as(encoding + " cut at " + length).isNotNull();
        if (decoded.note().contains("as they came")) continue; // nothing could be decoded
        assertThat(decoded.truncated()).isTrue();
        assertThat(decoded.bytes()).as(encoding + " cut at " + length).isEqualTo(Arrays.copyOf(plain, decoded.bytes().length));
      }
      assertThat(decode(Arrays.copyOf(whole, whole.length * 9 / 10), encoding).bytes().length).as(encoding).isGreaterThan(plain.length / 2);
    }
  }

  @Test
  void bombsStopAtTheLimit() {
    byte[] zeros = new byte[10 << 20];
    for (String encoding : new String[] {"gzip", "deflate", "zstd", "zstd, gzip"}) {
      byte[] bomb = switch (encoding) {
        case "gzip" -> gzip(zeros);
        case "deflate" -> deflate(zeros, true);
        case "zstd" -> zstd(zeros);
        default -> gzip(zstd(zeros));
      };
      for (int max : new int[] {0, 1, 8191, 8192, 8193, 1 << 20}) {
        BodyDecoder.Decoded decoded = decode(bomb, encoding, max);
        assertThat(decoded.bytes().length).as(encoding + " max " + max).isLessThanOrEqualTo(max);
        assertThat(decoded.truncated()).as(encoding + " max " + max).isTrue();
        assertThat(decoded.note()).contains("first " + max);
      }
      if (!encoding.contains(",")) assertWhole(0, decode(bomb, encoding, zeros.length), zeros);
    }
  }

  @Test
  void severalGzipMembersAreOneBody() {
    byte[] both = new byte[gzip(text("a")).length + gzip(text("b")).length];
    System.arraycopy(gzip(text("a")), 0, both, 0, gzip(text("a")).length);
    System.arraycopy(gzip(text("b")), 0, both, gzip(text("a")).length, gzip(text("b")).length);
    assertWhole(0, decode(both, "gzip"), text("ab"));
    byte[] junk = Arrays.copyOf(both, both.length + 3);
    assertThat(decode(junk, "gzip").note()).isEqualTo("3 bytes after the end of the gzip data are not shown");
  }

  @Test
  void whatIsNotEncodedIsShownAsItCame() {
    for (String encoding : new String[] {"gzip", "zstd", "compress", "a,b,c,d,e,f"}) {
      BodyDecoder.Decoded decoded = decode(text("plain"), encoding);
      assertThat(decoded.bytes()).isEqualTo(text("plain"));
      assertThat(decoded.note()).as(encoding).contains("as they came");
    }
    assertThat(decode(new byte[0], "gzip").note()).isNull();
    byte[] wrong = gzip(text("hello"));
    wrong[wrong.length - 8] ^= 1;
    assertThat(decode(wrong, "gzip").note()).isEqualTo("the gzip checksum is wrong");
  }

  @Test
  void damageNeverThrows() {
    byte[] plain = sample(new Random(3), 5000);
    byte[][] valid = {gzip(plain), deflate(plain, false), deflate(plain, true), BROTLI, zstd(plain)};
    String[] encodings = {"gzip", "deflate", "deflate", "br", "zstd"};
    for (long seed = 1; seed <= 4000; seed++) {
      Random random = new Random(seed);
      int which = random.nextInt(valid.length);
      byte[] bytes = valid[which].clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      if (random.nextInt(10) == 0) random.nextBytes(bytes);
      if (random.nextInt(4) == 0) bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
      try {
        assertThat(decode(bytes, encodings[which], 20_000).bytes().length).isLessThanOrEqualTo(20_000);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + " " + encodings[which], e);
      }
    }
  }
}
