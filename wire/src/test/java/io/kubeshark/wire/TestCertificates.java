package io.kubeshark.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A release's secrets, made by openssl as the chart's genCA and genSignedCert make them. */
public final class TestCertificates {
  private final Path directory;

  /** @param directory gets ca.crt and ca.key */
  public TestCertificates(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "3", "-subj", "/CN=kubeshark-ca");
  }

  /** Certificate and key of one part. @param newKey arguments of openssl that write tls.key @return its directory */
  public Path issue(String commonName, List<String> newKey) throws IOException {
    Path part = Files.createDirectories(directory.resolve(commonName + "-" + newKey.hashCode()));
    Path relative = directory.relativize(part);
    List<String> key = new ArrayList<>(newKey);
    key.replaceAll(argument -> argument.equals("KEY") ? relative.resolve("tls.key").toString() : argument);
    openssl(key.toArray(String[]::new));
    openssl("req", "-new", "-key", relative + "/tls.key", "-subj", "/CN=" + commonName, "-out", relative + "/request");
    Files.writeString(part.resolve("extensions"), "extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:" + commonName + "\n");
    openssl("x509", "-req", "-in", relative + "/request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", relative + "/extensions", "-out", relative + "/tls.crt");
    Files.copy(directory.resolve("ca.crt"), part.resolve("ca.crt"));
    return part;
  }

  /** RSA in PKCS#1, as Helm makes it. */
  public Path issue(String commonName) throws IOException {
    return issue(commonName, RSA_PKCS1);
  }

  static final List<String> RSA_PKCS1 = List.of("genrsa", "-traditional", "-out", "KEY", "2048");
  static final List<String> RSA_PKCS8 = List.of("genpkey", "-algorithm", "RSA", "-out", "KEY");
  public static final List<String> EC_SEC1 = List.of("ecparam", "-name", "prime256v1", "-genkey", "-out", "KEY");
  static final List<String> EC_PKCS8 = List.of("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "KEY");
  static final List<String> ED25519 = List.of("genpkey", "-algorithm", "ed25519", "-out", "KEY");

  private void openssl(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) throw new IOException(command + ": " + said);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
