package io.kubeshark.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys as text (RFC 7468). The JDK reads keys only as PKCS#8 (RFC 5208); Helm's genSignedCert and openssl also make
 * PKCS#1 (RFC 8017 appendix A.1.2) and SEC 1 (RFC 5915), which are what PKCS#8 wraps:
 *
 * <pre>
 * SEQUENCE { INTEGER 0, SEQUENCE { OID algorithm, parameters }, OCTET STRING { PKCS#1 or SEC 1 } }
 * </pre>
 */
final class Pem {
  private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final byte[] VERSION_0 = {2, 1, 0};
  /** rsaEncryption 1.2.840.113549.1.1.1, parameters NULL. */
  private static final byte[] RSA_ALGORITHM = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  /** id-ecPublicKey 1.2.840.10045.2.1. */
  private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int EC_PARAMETERS = 0xa0;

  private Pem() {}

  /** @return all certificates of the text, in its order; at least one */
  static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (!block.group(1).equals("CERTIFICATE")) continue;
      Certificate certificate = factory.generateCertificate(new ByteArrayInputStream(decode(block.group(2))));
      certificates.add((X509Certificate) certificate);
    }
    if (certificates.isEmpty()) throw new GeneralSecurityException("there is no '-----BEGIN CERTIFICATE-----' in it");
    return certificates;
  }

  /** The text's first private key: RSA, EC or EdDSA. */
  static PrivateKey privateKey(String text) throws GeneralSecurityException {
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      byte[] der = decode(block.group(2));
      switch (block.group(1)) {
        case "PRIVATE KEY":
          return key(der);
        case "RSA PRIVATE KEY":
          return key(pkcs8(RSA_ALGORITHM, der));
        case "EC PRIVATE KEY":
          return key(pkcs8(tlv(SEQUENCE, EC_OID, curve(der)), der));
        case "ENCRYPTED PRIVATE KEY":
          throw new GeneralSecurityException("the key is encrypted: store it without a password");
        default: // certificates, EC parameters
      }
    }
    throw new GeneralSecurityException("there is no '-----BEGIN PRIVATE KEY-----' (nor RSA, nor EC) in it");
  }

  private static byte[] decode(String base64) throws GeneralSecurityException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("its base64 is damaged: " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
    InvalidKeySpecException refused = null;
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        refused = e;
      }
    }
    throw new GeneralSecurityException("it is neither an RSA nor an EC nor an EdDSA key", refused);
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return tlv(SEQUENCE, VERSION_0, algorithm, tlv(OCTET_STRING, key));
  }

  /** ECPrivateKey's parameters: SEQUENCE { INTEGER 1, OCTET STRING, [0] OID of the curve, [1] public key }. */
  private static byte[] curve(byte[] der) throws GeneralSecurityException {
    int at = content(der, 0);
    while (at < der.length) {
      int begin = content(der, at);
      int end = begin + length(der, at);
      if (end > der.length) break;
      if ((der[at] & 0xff) == EC_PARAMETERS) return java.util.Arrays.copyOfRange(der, begin, end);
      at = end;
    }
    throw new GeneralSecurityException("the EC key does not name its curve: convert it by 'openssl pkcs8 -topk8 -nocrypt'");
  }

  /** Keys are short: a length takes three bytes at most. */
  private static int length(byte[] der, int at) throws GeneralSecurityException {
    if (at + 4 > der.length) throw new GeneralSecurityException("the key is cut");
    int first = der[at + 1] & 0xff;
    if (first < 0x80) return first;
    if (first == 0x81) return der[at + 2] & 0xff;
    if (first == 0x82) return (der[at + 2] & 0xff) << 8 | der[at + 3] & 0xff;
    throw new GeneralSecurityException("the key is damaged");
  }

  private static int content(byte[] der, int at) throws GeneralSecurityException {
    length(der, at);
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static byte[] tlv(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) content.writeBytes(part);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length >= 0x100) {
      out.write(0x82);
      out.write(length >>> 8);
    } else if (length >= 0x80) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }
}
