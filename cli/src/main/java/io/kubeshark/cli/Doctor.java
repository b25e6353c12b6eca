package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.kubeshark.kube.Targeting;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code kubeshark doctor}: from the outside in. What cannot be looked at is said, never taken for well. */
final class Doctor {
  private final Config config;
  private final List<Finding> findings = new ArrayList<>();

  Doctor(Config config) {
    this.config = config;
  }

  int run(boolean json) {
    examine();
    long problems = findings.stream().filter(finding -> finding.level() == Finding.Level.PROBLEM).count();
    if (json) {
      Map<String, Object> said = new LinkedHashMap<>();
      said.put("problems", problems);
      said.put("findings", findings);
      System.out.println(Json.text(said));
    } else {
      print(System.out, problems);
    }
    return problems == 0 ? 0 : Failure.FAILED;
  }

  private void examine() {
    try (Cluster cluster = Cluster.of(config)) {
      findings.add(Finding.ok("api-server", cluster.address(), "Kubernetes " + cluster.requireVersion()));
      Release release = new Release(cluster, config);
      ConfigMap settings = release.requireSettings();
      findings.add(Finding.ok("installed", release.namespace(), "release '" + release.name() + "'"));
      new DoctorNodes(cluster, release, findings).examine();
      Targeting rule = rule(settings);
      if (rule != null) new DoctorTargets(cluster, rule, findings).examine();
      new DoctorHub(cluster, release, findings).examine();
    } catch (Failure failure) {
      findings.add(Finding.problem("stopped", "", failure.getMessage(), ""));
    }
  }

  private Targeting rule(ConfigMap settings) {
    try {
      return Targeting.parse(settings.getData() == null ? Map.of() : settings.getData());
    } catch (IllegalArgumentException e) {
      findings.add(Finding.problem("bad-target-rule", Release.CONFIG_MAP, "the workers cannot read the targets: " + e.getMessage(), "set them anew: kubeshark tap REGEX"));
      return null;
    }
  }

  private void print(PrintStream out, long problems) {
    for (Finding finding : findings) {
      out.println(String.format(Locale.ROOT, "%-8s%s%s", finding.level().name().toLowerCase(Locale.ROOT), finding.where().isEmpty() ? "" : finding.where() + ": ", finding.text()));
      if (!finding.remedy().isEmpty()) out.println("        → " + finding.remedy());
    }
    out.println(problems == 0 ? "Nothing is wrong." : Targets.plural(problems, "problem") + ".");
    out.flush();
  }
}
