package io.kubeshark.cli;

/** Something that the user can set right: printed as one sentence, without a stack trace. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Exit codes, as documented in README. */
  static final int FAILED = 1;
  static final int USAGE = 2;
  /** As a shell reports a process that SIGPIPE ended. */
  static final int BROKEN_PIPE = 141;

  private final int exitCode;

  Failure(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  Failure(String message) {
    this(FAILED, message);
  }

  int exitCode() {
    return exitCode;
  }
}
