package io.kubeshark.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What the hub and the workers say of themselves: connections, losses, what they are blind for, where the bytes went. */
final class DoctorHub {
  /** Part of all bytes below which an account is not worth a line. */
  private static final double PART_MIN = 0.01;
  private static final int ASKED_MAX = 20;
  private static final long ASKED_EVERY_MS = 300;
  /** Where what is excluded or not a target is booked: no trouble. */
  private static final List<String> INTENDED = List.of("not-targeted", "seen-elsewhere", "self", "headers", "messages");

  /** What workers are blind for everywhere, in this version: worth a line, but nothing is wrong with this cluster. */
  private static final List<String> LIMITS = List.of("encrypted", "loopback");

  private final Cluster cluster;
  private final Release release;
  private final List<Finding> findings;

  DoctorHub(Cluster cluster, Release release, List<Finding> findings) {
    this.cluster = cluster;
    this.release = release;
    this.findings = findings;
  }

  void examine() {
    if (release.hubToken() == null) {
      findings.add(Finding.problem("no-token", Release.PROGRAM + "-hub-token", "the hub's token cannot be read: the dashboard will ask for it", "ask for the right to get this Secret in namespace '" + release.namespace() + "'"));
    }
    try (HubApi hub = new HubApi(cluster, release)) {
      for (JsonNode worker : workers(hub)) worker(worker);
      ledger(hub.get("/api/ledger"));
    } catch (IOException e) {
      findings.add(Finding.problem("hub-unreachable", "hub", e.getMessage(), "kubeshark logs" + release.options()));
    }
  }

  /** The hub connects to workers only when somebody asks: so the first answer may come too early. */
  private static JsonNode workers(HubApi hub) throws IOException {
    JsonNode workers = hub.get("/api/workers");
    for (int i = 0; i < ASKED_MAX && !allConnected(workers); i++) {
      try {
        Thread.sleep(ASKED_EVERY_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      workers = hub.get("/api/workers");
    }
    return workers;
  }

  private static boolean allConnected(JsonNode workers) {
    for (JsonNode worker : workers) if (!worker.path("connected").asBoolean(false)) return false;
    return true;
  }

  private void worker(JsonNode worker) {
    String node = worker.path("node").asString("");
    String problem = worker.path("problem").asString("");
    if (!problem.isEmpty()) {
      findings.add(Finding.problem("worker-unreachable", node, "the hub cannot use this worker: " + problem, "kubeshark logs" + release.options()));
    } else {
      findings.add(Finding.ok("worker", node, Sizes.count(worker.path("packets").asLong(0)) + " packets, " + Sizes.count(worker.path("entries").asLong(0)) + " entries"
          + (worker.path("backend").asString("").isEmpty() ? "" : " by " + worker.path("backend").asString())));
    }
    for (JsonNode blind : worker.path("blind")) {
      String code = blind.path("code").asString("blind");
      Finding.Level level = LIMITS.contains(code) ? Finding.Level.NOTE : Finding.Level.PROBLEM;
      findings.add(new Finding(level, code, node, blind.path("text").asString(""), blind.path("remedy").asString("")));
    }
    for (JsonNode drop : worker.path("drops")) {
      long packets = drop.path("packets").asLong(0);
      if (packets > 0 && !INTENDED.contains(drop.path("code").asString(""))) {
        findings.add(Finding.note("drops", node, Sizes.count(packets) + " packets were dropped: " + drop.path("title").asString(drop.path("code").asString("")), "more CPU or memory for workers (tap.resources.sniffer), or fewer targets"));
      }
    }
  }

  private void ledger(JsonNode ledger) {
    double wire = ledger.path("wire").asLong(0);
    for (JsonNode account : ledger.path("accounts")) {
      double part = wire == 0 ? 0 : account.path("bytes").asLong(0) / wire;
      boolean fine = account.path("class").asString("").equals("dissected") || INTENDED.contains(account.path("code").asString(""));
      if (fine || part < PART_MIN) continue;
      findings.add(Finding.note(account.path("code").asString(""), "ledger", String.format(Locale.ROOT, "%.0f %% of all bytes: %s", part * 100, account.path("title").asString("")),
          account.path("remedy").asString("")));
    }
  }
}
