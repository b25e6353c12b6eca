package io.kubeshark.cli;

import java.nio.file.Path;

/**
 * Helm's library behind the few arguments of {@code helm} that are needed here, as a process of its own: it is written in Go, whose runtime
 * takes over the process's signals (Ctrl-C would do nothing any more) and keeps 100 MB.
 */
final class HelmLibrary {
  private HelmLibrary() {}

  public static void main(String[] arguments) {
    try {
      run(arguments);
    } catch (IllegalStateException e) {
      System.out.println("Error: " + e.getMessage());
      System.exit(1);
    }
    System.exit(0);
  }

  private static void run(String[] arguments) {
    String namespace = option(arguments, "--namespace");
    Path kubeconfig = Path.of(option(arguments, "--kubeconfig"));
    switch (arguments[0]) {
      case "install" -> new com.marcnuri.helm.Helm(Path.of(arguments[2])).install().withName(arguments[1]).withNamespace(namespace).createNamespace()
          .withValuesFile(Path.of(option(arguments, "--values"))).withKubeConfig(kubeconfig).call();
      case "uninstall" -> com.marcnuri.helm.Helm.uninstall(arguments[1]).withNamespace(namespace).withKubeConfig(kubeconfig).call();
      default -> throw new IllegalStateException("unknown: " + arguments[0]);
    }
  }

  private static String option(String[] arguments, String name) {
    for (int i = 0; i + 1 < arguments.length; i++) if (arguments[i].equals(name)) return arguments[i + 1];
    throw new IllegalStateException("needs " + name);
  }
}
