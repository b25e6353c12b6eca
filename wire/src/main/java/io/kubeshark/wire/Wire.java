package io.kubeshark.wire;

/** What both ends must agree on before they can speak. */
public final class Wire {
  private Wire() {}

  /** Raised when older peers would misread a frame; added fields do not count. */
  public static final int VERSION = 1;

  /** Where the worker's WebSocket is. */
  public static final String PATH = "/stream";

  /** A frame's bytes at most: one record of core's RECORD_BYTES_MAX fits with its envelope. */
  public static final int FRAME_BYTES_MAX = 8 << 20;

  /** Records are gathered into frames of about this size. */
  public static final int FRAME_BYTES_WANTED = 256 << 10;

  /** @return what is wrong and what to do, or null */
  public static String versionProblem(int peerVersion, String peer) {
    if (peerVersion == VERSION) return null;
    return peer + " speaks wire version " + peerVersion + ", this program speaks " + VERSION + ": run the same release of worker and hub";
  }
}
