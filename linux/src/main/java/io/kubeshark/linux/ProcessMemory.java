package io.kubeshark.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process takes of the machine's memory. */
public final class ProcessMemory {
  private static final int SC_PAGESIZE = 30;
  private static final Path STATM = Path.of("/proc/self/statm");

  private ProcessMemory() {}

  /** Resident bytes (proc_pid_statm(5), second field), what a container's limit is compared with, page cache aside. */
  public static long residentBytes() throws IOException {
    String[] fields = Files.readString(STATM, StandardCharsets.US_ASCII).split(" ");
    return Long.parseLong(fields[1]) * pageBytes();
  }

  private static long pageBytes() {
    try {
      return (long) Libc.SYSCONF.invokeExact(Libc.errnoSlot(), SC_PAGESIZE);
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
  }
}
