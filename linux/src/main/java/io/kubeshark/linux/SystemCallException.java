package io.kubeshark.linux;

import java.io.IOException;

/** A system call failed: what, on what, why. */
public final class SystemCallException extends IOException {
  /** asm-generic/errno-base.h, errno.h: the same on x86-64 and aarch64. */
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int EAFNOSUPPORT = 97;
  public static final int ENETDOWN = 100;

  private final String call;
  private final int errno;

  SystemCallException(String call, String object, int errno) {
    super(call + " failed on " + object + ": " + Libc.errorText(errno) + " (errno " + errno + ")");
    this.call = call;
    this.errno = errno;
  }

  /** Such as "setns". */
  public String call() {
    return call;
  }

  public int errno() {
    return errno;
  }
}
