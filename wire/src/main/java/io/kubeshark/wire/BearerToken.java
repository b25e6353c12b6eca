package io.kubeshark.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/** What the hub shows the worker: {@code Authorization: Bearer TOKEN} (RFC 6750 section 2.1). Never printed. */
public final class BearerToken {
  private static final int RANDOM_BYTES = 32;
  private static final String SCHEME = "Bearer ";

  private final byte[] header;

  public BearerToken(String token) {
    if (token.isBlank()) throw new IllegalArgumentException("an empty token would let anybody in");
    header = (SCHEME + token).getBytes(StandardCharsets.UTF_8);
  }

  /** 256 bits of the system's randomness. */
  public static BearerToken random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new BearerToken(HexFormat.of().formatHex(bytes));
  }

  /** The value of the Authorization header. */
  public String header() {
    return new String(header, StandardCharsets.UTF_8);
  }

  /** Whether an Authorization header's value is ours, in a time that does not tell how much of it was right. */
  public boolean matches(String authorization) {
    return authorization != null && MessageDigest.isEqual(header, authorization.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "BearerToken";
  }
}
