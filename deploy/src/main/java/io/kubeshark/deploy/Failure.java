package io.kubeshark.deploy;

/** Something that whoever builds can mend; the message says what and how. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;

  Failure(String message) {
    super(message);
  }
}
