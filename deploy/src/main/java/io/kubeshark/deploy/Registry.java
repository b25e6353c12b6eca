package io.kubeshark.deploy;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InsecureRegistryException;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.RegistryUnauthorizedException;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import com.google.cloud.tools.jib.registry.RegistryCredentialsNotSentException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Where images are pushed to.
 *
 * @param logins files with credentials, the first that names the registry counts
 * @param insecure also without TLS, or with a certificate that nobody knows
 */
record Registry(List<Path> logins, boolean insecure) {
  private static final int HTTPS_PORT = 443;
  private static final int CONNECT_MS = 10_000;
  private static final String UNKNOWN_CERTIFICATE = " has no TLS, or a certificate that this machine does not know: add its authority to Java's, or give --insecure if the way there is safe";

  /** Where podman login and docker login leave credentials, in podman's order (containers-auth.json(5)). */
  static List<Path> logins(Map<String, String> environment, Path home) {
    List<Path> files = new ArrayList<>();
    add(files, environment.get("REGISTRY_AUTH_FILE"), "");
    add(files, environment.get("XDG_RUNTIME_DIR"), "containers/auth.json");
    add(files, environment.getOrDefault("XDG_CONFIG_HOME", home.resolve(".config").toString()), "containers/auth.json");
    add(files, environment.getOrDefault("DOCKER_CONFIG", home.resolve(".docker").toString()), "config.json");
    return files;
  }

  private static void add(List<Path> files, String folder, String name) {
    if (folder != null && !folder.isEmpty()) files.add(name.isEmpty() ? Path.of(folder) : Path.of(folder, name));
  }

  /** @throws Failure what the registry did not do, and what to do */
  void push(Archive archive, String reference, Path cache) throws InterruptedException {
    try {
      ImageReference image = ImageReference.parse(reference);
      reach(image.getRegistry());
      RegistryImage target = RegistryImage.named(image);
      CredentialRetrieverFactory credentials = CredentialRetrieverFactory.forImage(image, _ -> {});
      for (Path file : logins) if (Files.exists(file)) target.addCredentialRetriever(credentials.dockerConfig(file));
      archive.builder(reference).containerize(Archive.quiet(Containerizer.to(target), cache).setAllowInsecureRegistries(insecure));
    } catch (InvalidImageReferenceException e) {
      throw new Failure("'" + reference + "' is no name of an image: --registry HOST[:PORT]/PATH in small letters, --tag without a colon");
    } catch (IOException | RegistryException | CacheDirectoryCreationException | ExecutionException e) {
      throw new Failure("cannot push " + reference + ": " + why(e, reference.split("/")[0]));
    }
  }

  /** One attempt before the library's own, which repeats what fails for a minute. */
  private void reach(String registry) throws IOException {
    URI uri = URI.create("https://" + registry);
    if (System.getProperty("https.proxyHost") != null || insecure && uri.getPort() < 0) return; // not reached from here; or at one of two ports
    int port = uri.getPort() < 0 ? HTTPS_PORT : uri.getPort();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(uri.getHost(), port), CONNECT_MS);
      if (insecure) return;
      socket.setSoTimeout(CONNECT_MS);
      SSLSocket secure = (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(socket, uri.getHost(), port, true);
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
      secure.startHandshake();
    }
  }

  private static String why(Exception e, String host) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable cause = e; cause != null && causes.size() < 20; cause = cause.getCause()) causes.add(cause);
    for (Throwable cause : causes) {
      String words = cause.getMessage();
      switch (cause) {
        case RegistryCredentialsNotSentException _ -> {
          return host + " has no TLS, and credentials are not sent in the clear: give the registry a certificate";
        }
        case RegistryUnauthorizedException _ -> {
          return host + " refuses (" + words + "): run 'docker login " + host + "' or 'podman login " + host + "' as somebody who may push there";
        }
        case UnknownHostException _ -> {
          return "nobody knows the host " + host + ": look at --registry, and at this machine's DNS";
        }
        case ConnectException _ -> {
          return "no registry answers at " + host + " (" + words + "): look at --registry, and whether it runs";
        }
        case SocketTimeoutException _ -> {
          return host + " does not answer within " + CONNECT_MS / 1000 + " s: look at --registry, and at firewalls in between";
        }
        case InsecureRegistryException _ -> {
          return host + UNKNOWN_CERTIFICATE;
        }
        case SSLException _ -> {
          return host + UNKNOWN_CERTIFICATE + " (" + words + ")";
        }
        default -> {}
      }
    }
    return String.valueOf(causes.getLast().getMessage());
  }
}
