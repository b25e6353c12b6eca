package io.kubeshark.store;

import static io.kubeshark.store.Records.FINGERPRINT;
import static io.kubeshark.store.Records.NOON_NS;
import static io.kubeshark.store.Records.batch;
import static io.kubeshark.store.Records.record;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What tests run in a process of its own: to be killed, to hold a lock, or to fill up a disk of its own. */
final class StoreChild {
  static final Retention RETENTION = new Retention(0, 1 << 30, 8 << 20);

  private StoreChild() {}

  static Process start(String what, Path directory) throws IOException {
    return process(List.of(), what, directory);
  }

  static Process process(List<String> prefix, String what, Path directory) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), StoreChild.class.getName(), what));
    command.add(directory.toString());
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "write" -> write(directory);
      case "full" -> full(directory);
      case "ephemeral" -> hold(StoreDirectory.ephemeral(directory));
      case "lasting" -> hold(StoreDirectory.lasting(directory));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Two pipeline threads that never end; says what is stored for certain. */
  private static void write(Path directory) throws Exception {
    EntryStore store = new EntryStore(directory, FINGERPRINT, RETENTION, System::nanoTime);
    EntryBus bus = new EntryBus(store, StoreMode.FILE, 2);
    for (int t = 0; t < 2; t++) {
      EntryBatcher batcher = bus.batcher();
      long stream = t;
      Thread.ofPlatform().start(() -> {
        for (int i = 0; ; i++) {
          batcher.onEntry(record(stream, i, NOON_NS, 700), 0, 700);
          if (i % 100 == 99) batcher.flush(0);
        }
      });
    }
    while (true) {
      bus.drain();
      System.out.println("stored " + (store.nextSequence() - 1));
    }
  }

  private static void hold(StoreDirectory directory) throws Exception {
    Files.writeString(directory.path().resolve("entries-1.seg"), "x");
    System.out.println(directory.path());
    Thread.sleep(Long.MAX_VALUE);
  }

  /** On a disk of 2 MiB. */
  private static void full(Path disk) throws Exception {
    Path directory = disk.resolve("store");
    EntryStore store = new EntryStore(directory, FINGERPRINT, RETENTION, () -> NOON_NS);
    for (int i = 0; i < 30; i++) check(store.append(batch(i, 0, 300, NOON_NS, 700)), "append " + i + " finds room");
    LogStats stats = store.stats();
    check(stats.fullDisk().records() > 0 && stats.failed().records() == 0, "the oldest made room: " + stats);
    check(stats.records() + stats.fullDisk().records() == 9000, "every entry is there or counted: " + stats);
    check(stats.records() >= 1500, "most of the disk is used, not just a segment: " + stats);
    check(Records.sequences(store, Query.ALL).equals(Records.range(9001 - stats.records(), 9000)), "the newest are kept");

    store.close();
    for (Path file : Recovery.paths(directory, RecordFormat.ENTRIES)) Files.delete(file);
    Path ballast = disk.resolve("ballast");
    fill(ballast);
    store = new EntryStore(directory, FINGERPRINT, RETENTION, () -> NOON_NS);
    for (int i = 0; i < 5; i++) check(!store.append(batch(i, 0, 300, NOON_NS, 700)), "no room, nothing to drop");
    check(store.stats().failed().equals(new LogStats.Count(1500, 1500 * 700)), "counted: " + store.stats());
    check(store.failedWireBytes() == 1500 * 1100, "wire bytes counted");
    check(Records.sequences(store, Query.ALL).isEmpty(), "readable");

    Files.delete(ballast);
    for (int i = 0; i < 3; i++) check(store.append(batch(i, 0, 300, NOON_NS, 700)), "works again");
    check(Records.sequences(store, Query.ALL).equals(Records.range(1501, 2400)), "with a hole for what failed");
    fill(ballast);
    check(store.append(batch(7, 0, 300, NOON_NS, 700)), "others filled the disk: our oldest goes");
    check(Records.sequences(store, Query.ALL).getLast() == 2700, "the newest is there");
    store.close();
    store = new EntryStore(directory, FINGERPRINT, RETENTION, () -> NOON_NS);
    check(store.stats().cutBytes() == 0 && Records.sequences(store, Query.ALL).getLast() == 2700, "clean on reopening");
    System.out.println("all checked");
  }

  private static void fill(Path ballast) throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) out.write(new byte[4096]);
    } catch (IOException e) {
      // Full.
    }
  }

  private static void check(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }
}
