package io.kubeshark.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A directory that one process at a time stores into.
 *
 * <p>Ephemeral ones are named {@code kubeshark-store-PID-RANDOM}, are private to the user and go away on {@link #close}; those of
 * processes that died without it are removed by the next one. Whether a process lives is told by its lock on the file {@code lock}
 * (the kernel lets go of it), not by its number. A directory is made as {@code ….new} and renamed once it is locked, so that nobody
 * takes it for a dead one in between.
 */
public final class StoreDirectory implements AutoCloseable {
  private static final String PREFIX = "kubeshark-store-";
  private static final String NEW = ".new";
  private static final String LOCK = "lock";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,9})-[0-9a-f]{8}(\\.new)?");
  /**
   * Directories locked by this JVM. POSIX locks belong to the process and go when it closes any descriptor of the file: so our own lock
   * files must never be opened a second time.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path path;
  private final boolean ephemeral;
  private final FileChannel lock;

  private StoreDirectory(Path path, boolean ephemeral, FileChannel lock) {
    this.path = path;
    this.ephemeral = ephemeral;
    this.lock = lock;
  }

  /**
   * A fresh directory below {@code parent}, gone on close. Removes what dead processes left there.
   *
   * @throws IOException if it cannot be made
   */
  public static StoreDirectory ephemeral(Path parent) throws IOException {
    Files.createDirectories(parent);
    Path base = parent.toRealPath();
    synchronized (HELD) {
      removeStale(base);
      String name = PREFIX + ProcessHandle.current().pid() + "-" + UUID.randomUUID().toString().substring(0, 8);
      Path fresh = base.resolve(name + NEW);
      Files.createDirectory(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      FileChannel lock = tryLock(fresh);
      if (lock == null) throw new IOException("cannot lock " + fresh.resolve(LOCK) + ": does this file system have locks?");
      Path path = base.resolve(name);
      Files.move(fresh, path);
      HELD.add(path);
      return new StoreDirectory(path, true, lock);
    }
  }

  /**
   * A directory that stays, with what an earlier process stored in it.
   *
   * @throws IOException if another process (or another store of this one) has it, or it cannot be made
   */
  public static StoreDirectory lasting(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path path = directory.toRealPath();
    synchronized (HELD) {
      FileChannel lock = HELD.contains(path) ? null : tryLock(path);
      if (lock == null) throw new IOException("the store in " + path + " is used by another kubeshark: stop it or choose another directory");
      HELD.add(path);
      return new StoreDirectory(path, false, lock);
    }
  }

  public Path path() {
    return path;
  }

  /** After the stores in it. */
  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      if (!HELD.remove(path)) return;
      try {
        if (ephemeral) remove(path);
      } finally {
        lock.close();
      }
    }
  }

  /** Null if somebody else has it. */
  private static FileChannel tryLock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      if (channel.tryLock() != null) return channel;
    } catch (OverlappingFileLockException e) {
      // This JVM, by other means than this class.
    }
    channel.close();
    return null;
  }

  private static void removeStale(Path base) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(base, PREFIX + "*")) {
      for (Path directory : found) {
        if (HELD.contains(directory) || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) continue;
        try {
          removeIfStale(directory);
        } catch (AccessDeniedException | NoSuchFileException e) {
          // Another user's, or another process is removing it too.
        } catch (IOException e) {
          SegmentLog.LOG.log(System.Logger.Level.WARNING, "cannot remove the stale " + directory + ": " + e.getMessage());
        }
      }
    }
  }

  private static void removeIfStale(Path directory) throws IOException {
    Matcher name = NAME.matcher(directory.getFileName().toString());
    if (!name.matches()) return;
    // One that is not locked yet is left to its maker as long as that lives.
    if (name.group(2) != null && ProcessHandle.of(Long.parseLong(name.group(1))).isPresent()) return;
    try (FileChannel lock = tryLock(directory)) {
      if (lock != null) remove(directory);
    }
  }

  /** Only what stores put there; anything else in it keeps the directory. */
  private static void remove(Path directory) throws IOException {
    for (Path file : Recovery.paths(directory, RecordFormat.ENTRIES)) Files.deleteIfExists(file);
    for (Path file : Recovery.paths(directory, RecordFormat.PACKETS)) Files.deleteIfExists(file);
    Files.deleteIfExists(directory.resolve(LOCK));
    Files.delete(directory);
  }
}
