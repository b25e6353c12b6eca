package io.kubeshark.cli;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.VersionInfo;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cluster that the kubeconfig names. What goes wrong with it becomes one sentence with the remedy. */
final class Cluster implements AutoCloseable {
  /** As the chart: Kubernetes before it lacks EndpointSlice or apps/v1 as they are used. */
  static final int MINOR_MIN = 16;
  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final int REQUEST_TIMEOUT_MS = 20_000;
  private static final int FORBIDDEN = 403;
  private static final int UNAUTHORIZED = 401;
  private static final Pattern MINOR = Pattern.compile("^(\\d+)");
  /** "User "x" cannot list resource "pods" in API group "" at the cluster scope". */
  private static final Pattern RIGHT = Pattern.compile("User \"([^\"]*)\" cannot (\\w+) resource \"([^\"]*)\" in API group \"([^\"]*)\" (.*)");

  private final KubernetesClient client;
  private final File kubeconfig;

  private Cluster(KubernetesClient client, File kubeconfig) {
    this.client = client;
    this.kubeconfig = kubeconfig;
  }

  /** Reads the kubeconfig; asks nobody yet. @throws Failure if there is none, or no such context */
  static Cluster of(io.kubeshark.cli.Config configuration) {
    String context = configuration.text("kube.context");
    File file = kubeconfig(configuration.text("kube.configPath"));
    Config config;
    try {
      config = file == null ? Config.autoConfigure(null) : Config.fromKubeconfig(context.isEmpty() ? null : context, file);
    } catch (RuntimeException e) {
      throw new Failure("the kubeconfig '" + file + "' cannot be used: " + e.getMessage());
    }
    if (file != null && !context.isEmpty() && (config.getCurrentContext() == null || !context.equals(config.getCurrentContext().getName()))) {
      throw new Failure("the kubeconfig '" + file + "' has no context '" + context + "': `kubectl config get-contexts` lists those it has");
    }
    if (file == null && (config.getAutoOAuthToken() == null && config.getOauthToken() == null)) {
      throw new Failure("no kubeconfig: " + Path.of(System.getProperty("user.home"), ".kube", "config")
          + " does not exist and KUBECONFIG is not set; name one with --kubeconfig (or watch this machine without a cluster: kubeshark tap --local)");
    }
    try {
      Config bounded = new ConfigBuilder(config).withConnectionTimeout(CONNECT_TIMEOUT_MS).withRequestTimeout(REQUEST_TIMEOUT_MS)
          .withRequestRetryBackoffLimit(0).withClientKeyAlgo(ClientKey.algorithm(config)).build();
      return new Cluster(new KubernetesClientBuilder().withConfig(bounded).build(), file);
    } catch (KubernetesClientException e) {
      throw new Failure("the certificates of the kubeconfig '" + file + "' cannot be used: " + cause(e));
    }
  }

  private static File kubeconfig(String named) {
    if (!named.isEmpty()) {
      if (!Files.isReadable(Path.of(named))) throw new Failure("there is no kubeconfig '" + named + "' that can be read: see --kubeconfig");
      return new File(named);
    }
    String variable = System.getenv("KUBECONFIG");
    if (variable != null && !variable.isBlank()) {
      for (String path : variable.split(File.pathSeparator)) if (Files.isReadable(Path.of(path))) return new File(path);
      throw new Failure("KUBECONFIG names '" + variable + "', which cannot be read");
    }
    Path usual = Path.of(System.getProperty("user.home"), ".kube", "config");
    return Files.isReadable(usual) ? usual.toFile() : null;
  }

  KubernetesClient client() {
    return client;
  }

  /** Null inside of a pod. */
  File kubeconfig() {
    return kubeconfig;
  }

  String address() {
    return client.getConfiguration().getMasterUrl();
  }

  /** @throws Failure if it is too old; @return such as v1.30.2 */
  String requireVersion() {
    VersionInfo version = ask("read the version", KubernetesClient::getKubernetesVersion);
    Matcher minor = MINOR.matcher(version.getMinor() == null ? "" : version.getMinor());
    if ("1".equals(version.getMajor()) && minor.find() && Integer.parseInt(minor.group(1)) < MINOR_MIN) {
      throw new Failure("the API server " + address() + " is Kubernetes " + version.getGitVersion() + ": 1." + MINOR_MIN + " or newer is needed; upgrade the cluster");
    }
    return version.getGitVersion();
  }

  /**
   * Asks the API server.
   *
   * @param what completes "cannot …" in an error
   */
  <T> T ask(String what, Function<KubernetesClient, T> question) {
    try {
      return question.apply(client);
    } catch (KubernetesClientException e) {
      throw failure(what, e);
    }
  }

  /** One question again, so that the client gets a new token where the old one expired. */
  void refreshLogin() {
    try {
      client.getKubernetesVersion();
    } catch (KubernetesClientException e) {
      // Whoever needed it says so.
    }
  }

  static boolean isForbidden(KubernetesClientException e) {
    return e.getCode() == FORBIDDEN;
  }

  Failure failure(String what, KubernetesClientException e) {
    String context = client.getConfiguration().getCurrentContext() == null ? "" : " (context '" + client.getConfiguration().getCurrentContext().getName() + "')";
    if (e.getCode() == FORBIDDEN) return new Failure("cannot " + what + ": " + right(e));
    if (e.getCode() == UNAUTHORIZED) {
      return new Failure("cannot " + what + ": the API server " + address() + " does not accept the login of the kubeconfig" + context + ": log in again, or choose another with --context");
    }
    if (e.getCode() <= 0 || e.getStatus() == null && e.getCause() instanceof IOException) {
      return new Failure("the API server " + address() + " cannot be reached" + context + ": " + cause(e) + "; check the cluster, the network and --kubeconfig, --context");
    }
    return new Failure("cannot " + what + ": " + (e.getStatus() != null && e.getStatus().getMessage() != null ? e.getStatus().getMessage() : e.getMessage()));
  }

  private static String right(KubernetesClientException e) {
    String message = e.getStatus() == null || e.getStatus().getMessage() == null ? String.valueOf(e.getMessage()) : e.getStatus().getMessage();
    Matcher matcher = RIGHT.matcher(message);
    if (!matcher.find()) return message;
    String group = matcher.group(4).isEmpty() ? "" : "." + matcher.group(4);
    return "user '" + matcher.group(1) + "' lacks the right to " + matcher.group(2) + " " + matcher.group(3) + group + " " + matcher.group(5)
        + ": ask who administers the cluster for a role with it";
  }

  /** The innermost cause, in words. */
  private static String cause(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; depth < 10 && cause.getCause() != null; depth++) cause = cause.getCause();
    String name = Map.of("ConnectException", "connection refused", "ClosedChannelException", "connection refused", "UnresolvedAddressException", "its name does not resolve",
        "HttpConnectTimeoutException", "no answer in " + CONNECT_TIMEOUT_MS / 1000 + " s", "UnknownHostException", "its name does not resolve")
        .get(cause.getClass().getSimpleName());
    String said = cause.getMessage();
    return said != null && !said.isBlank() && name == null ? said : name == null ? cause.getClass().getSimpleName() : name;
  }

  @Override
  public void close() {
    client.close();
  }

  /** A kubeconfig of the chosen context alone, for programs that know no --context. @return a file that the caller removes */
  Path kubeconfigOfContext() throws IOException {
    Path file = Files.createTempFile("kubeshark", ".kubeconfig"); // readable by its owner alone
    Files.writeString(file, Json.text(KubeconfigOfContext.of(client.getConfiguration(), kubeconfig)));
    return file;
  }
}
