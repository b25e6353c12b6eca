package io.kubeshark.linux;

import java.io.IOException;

/** A filter expression that cannot be used, and why. */
public final class BpfFilterException extends IOException {
  public BpfFilterException(String message) {
    super(message);
  }
}
