package io.kubeshark.reassembly;

/** What a frame turned out to be. */
enum Verdict {
  TCP, UDP,
  /** Another transport, or one that cannot be looked into. */
  OTHER_TRANSPORT,
  /** A fragment that waits for the rest of its datagram (the table holds it). */
  FRAGMENT,
  NOT_IP,
  /** A header contradicts itself. */
  MALFORMED,
  /** The capture cut the frame inside its headers. */
  CUT,
  /** Go on: another header follows. Never the last word. */
  AGAIN
}
