package io.kubeshark.core;

/**
 * The accounts of the ledger: what became of bytes on the wire. Codes are stable: they are entry fields, KFL values, metric labels and
 * rows of the ledger page. The ordinal is written into records: only append.
 */
public enum LedgerCode {
  HEADERS(Kind.DISSECTED, "headers", "Link, network and transport headers", "Read by the packet decoder.", ""),
  MESSAGES(Kind.DISSECTED, "messages", "Messages", "Payload that a dissector read into an entry.", ""),

  RETRANSMISSION(Kind.OPAQUE, "retransmission", "Sent again", "TCP payload whose bytes were seen before; the first copy is accounted elsewhere.", "Look at the connection's retransmissions."),
  DUPLICATE(Kind.OPAQUE, "duplicate", "Seen on another interface", "The same packet passed more than one captured interface; it is dissected once.", "Capture fewer interfaces with -i."),
  PADDING(Kind.OPAQUE, "padding", "Padding and trailers", "Bytes of a frame after the end of its network packet.", ""),
  NOT_IP(Kind.OPAQUE, "not-ip", "Not IP", "Frames of other network protocols (ARP, LLDP, …).", ""),
  UNSUPPORTED_TRANSPORT(Kind.OPAQUE, "unsupported-transport", "Neither TCP nor UDP", "IP packets with another transport protocol (ICMP, SCTP, …).", ""),
  UNKNOWN_PROTOCOL(Kind.OPAQUE, "unknown-protocol", "Unknown application protocol", "No dissector recognised the first bytes of the connection.", "See which connections: conn && conn_l7_detected.size() == 0."),
  ENCRYPTED(Kind.OPAQUE, "encrypted", "Encrypted", "TLS without access to its plaintext.", "Decryption comes with the tracer."),
  MALFORMED(Kind.OPAQUE, "malformed", "Malformed", "Bytes that break the rules of the protocol that the connection speaks.", "Look at the entry's anomalies."),
  RESYNC(Kind.OPAQUE, "resync", "Skipped to the next message", "Bytes of a message whose beginning was not captured (loss, or a capture that starts mid-stream).", ""),
  INCOMPLETE(Kind.OPAQUE, "incomplete", "Message without its end", "Bytes of a message that a gap or the end of the connection cut.", ""),
  FRAGMENT_INCOMPLETE(Kind.OPAQUE, "fragment-incomplete", "Fragments without the rest", "IP fragments whose packet never became whole.", ""),
  MALFORMED_PACKET(Kind.OPAQUE, "malformed-packet", "Malformed packet", "A link, network or transport header contradicts itself.", ""),
  OVER_BUDGET(Kind.OPAQUE, "over-budget", "Over the memory budget", "Bytes shed because a named limit was reached.", "Raise the budget or narrow the capture."),
  NOT_TARGETED(Kind.OPAQUE, "not-targeted", "Not targeted", "Traffic outside what the user asked for.", ""),
  SELF(Kind.OPAQUE, "self", "Kubeshark's own", "Traffic of this program's dashboard and streams.", ""),
  DISSECTOR_FAILED(Kind.OPAQUE, "dissector-failed", "Dissector failed", "A bug of ours: the connection was detached and its bytes kept as a reproducer.", "Please report it."),

  GAP(Kind.LOST, "gap", "Never captured", "Bytes that TCP sequence numbers prove were sent, but no captured packet holds.", "See the drop counters: kernel-drop means that the machine is overloaded."),
  SNAPLEN(Kind.LOST, "snaplen", "Cut by the capture", "The rest of packets that were captured shorter than they were.", "Capture with a larger snap length."),
  KERNEL_DROP(Kind.LOST, "kernel-drop", "Dropped by the kernel", "The capture ring was full. Counted in packets; their bytes show up as gaps.", "Narrow the capture (-i, --bpf) or enlarge the ring."),
  QUEUE_REFUSED(Kind.LOST, "queue-refused", "Refused by a full queue", "Entries that were dissected, but could not be stored in time.", "The disk is slower than the traffic."),
  STORE_FAILED(Kind.LOST, "store-failed", "Not stored", "Entries or packets that the disk refused (full, failing).", "Free disk space or set --storage-limit."),

  LATE(Kind.OPAQUE, "late", "Came too late", "TCP payload that came after its hole was declared lost, or after its connection was over.", ""),
  SEEN_ELSEWHERE(Kind.OPAQUE, "seen-elsewhere", "Taken elsewhere", "The same call passes another interface, here or at its other end, and is taken there.", "");

  /** The three sides of the balance. */
  public enum Kind {
    DISSECTED, OPAQUE, LOST;

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static final LedgerCode[] VALUES = values();

  public final Kind kind;
  public final String code;
  public final String title;
  public final String doc;
  public final String remedy;

  LedgerCode(Kind kind, String code, String title, String doc, String remedy) {
    this.kind = kind;
    this.code = code;
    this.title = title;
    this.doc = doc;
    this.remedy = remedy;
  }

  public static int count() {
    return VALUES.length;
  }

  /** The account with this ordinal, or null when it is from another version. */
  public static LedgerCode of(int ordinal) {
    return ordinal >= 0 && ordinal < VALUES.length ? VALUES[ordinal] : null;
  }
}
