package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Certificates of one authority for worker and hub, whose key is nowhere; and the hub's token. */
class ChartSecretsTest {
  private final List<JsonNode> objects = Chart.render(null);

  private byte[] secret(String name, String key) {
    return Base64.getDecoder().decode(Chart.find(objects, "Secret", name).path("data").path(key).asString());
  }

  private X509Certificate certificate(String name, String key) throws Exception {
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(secret(name, key)));
  }

  @Test
  void bothAreSignedByTheSameAuthority() throws Exception {
    for (String component : List.of("worker", "hub")) {
      X509Certificate authority = certificate("kubeshark-tls-" + component, "ca.crt");
      X509Certificate own = certificate("kubeshark-tls-" + component, "tls.crt");
      own.verify(authority.getPublicKey());
      assertThat(authority).isEqualTo(certificate("kubeshark-tls-worker", "ca.crt"));
      assertThat(own.getSubjectX500Principal().getName()).isEqualTo("CN=kubeshark-" + component);
      // As server and as client: the hub is the worker's client.
      assertThat(own.getExtendedKeyUsage()).contains("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
      assertThat(new String(secret("kubeshark-tls-" + component, "tls.key"))).contains("PRIVATE KEY");
      assertThat(Chart.find(objects, "Secret", "kubeshark-tls-" + component).path("data").propertyNames()).containsExactlyInAnyOrder("ca.crt", "tls.crt", "tls.key");
    }
    assertThat(certificate("kubeshark-tls-hub", "tls.crt").getSubjectAlternativeNames().toString()).contains("kubeshark-hub", "kubeshark-hub.watch.svc");
  }

  @Test
  void theTokenCannotBeGuessedAndIsNowhereElse() {
    String token = new String(secret("kubeshark-hub-token", "token"));
    assertThat(token).matches("[A-Za-z0-9]{43}");
    assertThat(objects.stream().filter(object -> object.toString().contains(token) || object.toString().contains(base64(token))).count()).isEqualTo(1);
    assertThat(Chart.find(Chart.render(null), "Secret", "kubeshark-hub-token").path("data").path("token").asString()).isNotEqualTo(base64(token));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes());
  }
}
