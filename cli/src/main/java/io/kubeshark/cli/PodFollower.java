package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.kubeshark.kube.Targeting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Tells which pods a rule begins and ceases to target. A watch that is lost or too old (410) begins anew with a list, for ever. */
final class PodFollower implements AutoCloseable {
  private static final long RETRY_MS = 1_000;
  private static final int TARGETS_MAX = 200_000;

  private final Cluster cluster;
  private final Consumer<String> news;
  private final Map<String, Targets.Target> known = new HashMap<>();
  private Targeting rule;
  private Watch watch;
  /** Counts watches, so that an old one's last words are not taken for the new one's. */
  private int generation;
  private boolean closed;

  PodFollower(Cluster cluster, Targeting rule, List<Targets.Target> shown, Consumer<String> news) {
    this.cluster = cluster;
    this.rule = rule;
    this.news = news;
    for (Targets.Target target : shown) known.put(target.key(), target);
  }

  /** Lists and watches; tells what changed since. Returns at once. */
  void start() {
    Thread.ofVirtual().name("pods").start(this::follow);
  }

  /** Another rule: tells what that changes. */
  synchronized void rule(Targeting changed) {
    if (changed.keys().equals(rule.keys())) return;
    rule = changed;
    news.accept("Targets were changed: " + Targets.words(changed));
    generation++;
    start();
  }

  private void follow() {
    int mine;
    Targeting now;
    synchronized (this) {
      mine = ++generation;
      now = rule;
      if (watch != null) watch.close();
    }
    while (current(mine)) {
      try {
        String[] version = new String[1];
        List<Targets.Target> listed = Targets.list(cluster, now, version);
        Watch begun = Targets.pods(cluster.client(), now)
            .watch(new ListOptionsBuilder().withResourceVersion(version[0]).withAllowWatchBookmarks(true).build(), watcher(mine));
        synchronized (this) {
          if (mine != generation || closed) begun.close();
          else watch = begun;
          replace(listed);
        }
        return;
      } catch (RuntimeException e) { // the API server is away: what is known stays
        pause();
      }
    }
  }

  private synchronized boolean current(int mine) {
    return mine == generation && !closed;
  }

  private Watcher<Pod> watcher(int mine) {
    return new Watcher<>() {
      @Override
      public void eventReceived(Action action, Pod pod) {
        if (action == Action.ADDED || action == Action.MODIFIED || action == Action.DELETED) changed(mine, action == Action.DELETED, pod);
      }

      @Override
      public void onClose() {
        if (current(mine)) start();
      }

      @Override
      public void onClose(WatcherException cause) {
        if (!current(mine)) return;
        pause();
        start();
      }
    };
  }

  private synchronized void replace(List<Targets.Target> listed) {
    Map<String, Targets.Target> now = new HashMap<>();
    for (Targets.Target target : listed) now.put(target.key(), target);
    for (Targets.Target target : List.copyOf(known.values())) if (!now.containsKey(target.key())) tell("-", known.remove(target.key()));
    for (Targets.Target target : listed) put(target);
  }

  private synchronized void changed(int mine, boolean deleted, Pod pod) {
    if (mine != generation || closed) return;
    Targets.Target target = Targets.Target.of(pod);
    if (!deleted && Targets.matches(rule, pod)) {
      put(target);
    } else if (known.remove(target.key()) != null) {
      tell("-", target);
    }
  }

  private void put(Targets.Target target) {
    if (known.size() < TARGETS_MAX && known.put(target.key(), target) == null) tell("+", target);
  }

  private void tell(String sign, Targets.Target target) {
    news.accept(sign + " " + target.key() + (target.node().isEmpty() ? "" : " on " + target.node()));
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (watch != null) watch.close();
  }
}
