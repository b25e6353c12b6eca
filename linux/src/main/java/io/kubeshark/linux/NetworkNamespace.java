package io.kubeshark.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Work inside another network namespace. Sockets opened there stay there and may be used from anywhere. */
public final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int O_CLOEXEC = 0x80000;

  private NetworkNamespace() {}

  /** What is done there. */
  public interface Body<T> {
    T run() throws IOException;
  }

  /**
   * Runs the body on a fresh platform thread that entered the namespace and then ends: no thread that lives on ever changes its
   * namespace. (A virtual thread would take its carrier along.)
   *
   * @param namespace such as /proc/PID/ns/net or /var/run/netns/NAME; null: the caller's own, on the caller's thread
   */
  public static <T> T call(Path namespace, Body<T> body) throws IOException {
    if (namespace == null) return body.run();
    FutureTask<T> task = new FutureTask<>(() -> {
      enter(namespace);
      return body.run();
    });
    Thread.ofPlatform().name("netns " + namespace).start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) throw io;
      throw Libc.unexpected(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while working in network namespace " + namespace, e);
    }
  }

  private static void enter(Path namespace) throws SystemCallException {
    int fd = Libc.open(namespace.toString(), O_CLOEXEC);
    try {
      int result = (int) Libc.SETNS.invokeExact(Libc.errnoSlot(), fd, CLONE_NEWNET);
      Libc.checked(result, "setns", namespace.toString());
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    } finally {
      Libc.close(fd);
    }
  }
}
