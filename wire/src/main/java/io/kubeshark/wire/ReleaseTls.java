package io.kubeshark.wire;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * One part's identity in a release: its certificate and key, and the release's own authority, which is the only one that it trusts. Parts
 * know each other by the common name, not by address: pods change theirs.
 */
public final class ReleaseTls {
  /** Where the chart mounts the secret. */
  public static final Path DIRECTORY = Path.of("/etc/kubeshark/tls");
  /** Common names of the certificates that the chart makes. */
  public static final String HUB = "kubeshark-hub";
  public static final String WORKER = "kubeshark-worker";

  private static final int FILE_BYTES_MAX = 1 << 20;
  private static final char[] NO_PASSWORD = {};

  private final KeyManagerFactory keys;
  private final X509TrustManager authority;

  private ReleaseTls(KeyManagerFactory keys, X509TrustManager authority) {
    this.keys = keys;
    this.authority = authority;
  }

  /**
   * @param directory with ca.crt, tls.crt (chain, own certificate first) and tls.key, PEM
   * @throws IOException a file is missing or not what it should be; the message says which, and what to do
   */
  public static ReleaseTls load(Path directory) throws IOException {
    List<X509Certificate> authorities = read(directory.resolve("ca.crt"), Pem::certificates);
    List<X509Certificate> chain = read(directory.resolve("tls.crt"), Pem::certificates);
    PrivateKey key = read(directory.resolve("tls.key"), Pem::privateKey);
    try {
      checkPair(directory, key, chain.getFirst());
      return new ReleaseTls(keys(key, chain), trust(authorities));
    } catch (GeneralSecurityException e) {
      throw new IOException("the TLS files in " + directory + " cannot be used: " + e.getMessage(), e);
    }
  }

  private interface Parser<T> {
    T parse(String text) throws GeneralSecurityException;
  }

  private static <T> T read(Path file, Parser<T> parser) throws IOException {
    try {
      if (Files.size(file) > FILE_BYTES_MAX) throw new IOException("the TLS file " + file + " has " + Files.size(file) + " bytes: that is none");
      return parser.parse(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      throw new IOException("the TLS file " + file + " is missing: mount the release's secret there (the Helm chart does)", e);
    } catch (AccessDeniedException e) {
      throw new IOException("the TLS file " + file + " may not be read by this user: look at the secret's defaultMode and the pod's fsGroup", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("the TLS file " + file + " is not usable: " + e.getMessage(), e);
    }
  }

  /** Told here, because a handshake would only say "no cipher suites in common". */
  private static void checkPair(Path directory, PrivateKey key, X509Certificate certificate) throws IOException, GeneralSecurityException {
    String algorithm = switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> "EdDSA";
    };
    try {
      byte[] probe = {1, 2, 3};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(probe);
      if (signature.verify(signed)) return;
    } catch (java.security.InvalidKeyException | java.security.SignatureException e) {
      // Of another kind.
    }
    throw new IOException("tls.key in " + directory + " is not the key of tls.crt: take both from the same secret");
  }

  private static KeyManagerFactory keys(PrivateKey key, List<X509Certificate> chain) throws IOException, GeneralSecurityException {
    KeyStore store = empty();
    store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
    KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory;
  }

  private static X509TrustManager trust(List<X509Certificate> authorities) throws IOException, GeneralSecurityException {
    KeyStore store = empty();
    for (int i = 0; i < authorities.size(); i++) store.setCertificateEntry("ca-" + i, authorities.get(i));
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) if (manager instanceof X509TrustManager found) return found;
    throw new GeneralSecurityException("this Java has no PKIX");
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  /**
   * Shows the own certificate, and takes only peers with a certificate of the release's authority and this common name. For clients and for
   * servers (which must ask: {@code setNeedClientAuth}). Host names are not checked, whatever the client's library asks for.
   *
   * @param peer {@link #HUB}, {@link #WORKER}
   */
  public SSLContext mutual(String peer) {
    return context(new Named(authority, peer));
  }

  /** For servers that any client may reach: what it may do is decided otherwise. */
  public SSLContext server() {
    return context(new Named(authority, null));
  }

  private SSLContext context(TrustManager trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Being "extended" keeps JSSE from adding its check of host names. */
  private static final class Named extends X509ExtendedTrustManager {
    private final X509TrustManager authority;
    /** Null: nobody. */
    private final String peer;

    Named(X509TrustManager authority, String peer) {
      this.authority = authority;
      this.peer = peer;
    }

    private void checkName(X509Certificate[] chain) throws CertificateException {
      String name = commonName(chain[0]);
      if (!name.equals(peer)) throw new CertificateException("the certificate is '" + name + "', expected is '" + peer + "'");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
      authority.checkClientTrusted(chain, authType);
      checkName(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
      authority.checkServerTrusted(chain, authType);
      checkName(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
      checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
      checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return authority.getAcceptedIssuers();
    }
  }

  /** "" where there is none. */
  private static String commonName(X509Certificate certificate) throws CertificateException {
    try {
      for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) return name;
      }
      return "";
    } catch (InvalidNameException e) {
      throw new CertificateException("its subject cannot be read: " + e.getMessage(), e);
    }
  }
}
