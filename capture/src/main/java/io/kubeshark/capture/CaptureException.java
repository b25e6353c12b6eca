package io.kubeshark.capture;

import java.io.IOException;

/** Packets cannot be captured here: what, where, and what to do. */
public final class CaptureException extends IOException {
  CaptureException(String message, Throwable cause) {
    super(message, cause);
  }
}
