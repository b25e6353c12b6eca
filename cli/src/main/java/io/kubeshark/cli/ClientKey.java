package io.kubeshark.cli;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** fabric8 takes a "BEGIN PRIVATE KEY" (PKCS #8, RFC 5208) for RSA: this looks inside. */
final class ClientKey {
  /** id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 section 2.1.1) in DER. */
  private static final byte[] EC = {6, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};
  private static final String HEAD = "-----BEGIN PRIVATE KEY-----";

  private ClientKey() {}

  static String algorithm(Config config) {
    String usual = config.getClientKeyAlgo();
    try {
      String pem = config.getClientKeyData() != null ? new String(Base64.getMimeDecoder().decode(config.getClientKeyData()), StandardCharsets.ISO_8859_1)
          : config.getClientKeyFile() != null ? Files.readString(Path.of(config.getClientKeyFile()), StandardCharsets.ISO_8859_1) : "";
      int begin = pem.indexOf(HEAD);
      int end = pem.indexOf("-----END", begin + HEAD.length());
      if (begin < 0 || end < 0) return usual;
      byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + HEAD.length(), end));
      return new String(der, StandardCharsets.ISO_8859_1).contains(new String(EC, StandardCharsets.ISO_8859_1)) ? "EC" : usual;
    } catch (IOException | IllegalArgumentException e) {
      return usual; // what is wrong with the key, the client says
    }
  }
}
