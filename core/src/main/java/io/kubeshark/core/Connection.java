package io.kubeshark.core;

/**
 * A transport connection (or UDP flow): made by reassembly, labelled by dissect, owned by one thread.
 *
 * <p>Its two ends are numbered 0 and 1 in the order in which they were first seen; {@link #clientEnd} says which of them is the client.
 * Reassembly guesses (SYN, else the smaller port is the server), dissect corrects it while nothing is labelled yet.
 */
public final class Connection {
  public static final int TCP = 6;
  public static final int UDP = 17;

  /** What is known of the connection's life, in TCP's terms; UDP flows are OPEN until they time out. */
  public enum State {
    SYN_SENT, SYN_RECEIVED, OPEN, HALF_CLOSED, CLOSED, RESET, REFUSED, TIMED_OUT, EVICTED, CAPTURE_ENDED;

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /** Unique within the worker: thread number &lt;&lt; 48 | counter. */
  public final long id;
  public final int transport;
  public final boolean ipv6;
  public final long[] ipHigh = new long[2];
  public final long[] ipLow = new long[2];
  public final int[] port = new int[2];
  public final int vlan;
  public final int interfaceIndex;
  public int clientEnd;
  /** The first packets of the connection were not seen. */
  public boolean midStream;
  public State state = State.OPEN;
  /** Why nothing of this connection is dissected, or null: the code on which all its payload is booked. */
  public LedgerCode excluded;

  public long firstNs;
  public long lastNs;
  public final long[] packets = new long[2];
  /** Frame lengths. */
  public final long[] wireBytes = new long[2];
  /** Transport payload as on the wire, retransmissions included. */
  public final long[] payloadBytes = new long[2];
  public final Ledger ledger = Ledger.ofBytes();
  /** Null for UDP. */
  public final TcpHealth health;
  /** What dissect keeps per connection; reassembly does not look. */
  public Object analysis;

  public Connection(long id, int transport, boolean ipv6, int vlan, int interfaceIndex) {
    this.id = id;
    this.transport = transport;
    this.ipv6 = ipv6;
    this.vlan = vlan;
    this.interfaceIndex = interfaceIndex;
    this.health = transport == TCP ? new TcpHealth() : null;
  }

  public Direction direction(int end) {
    return end == clientEnd ? Direction.CLIENT : Direction.SERVER;
  }

  public int end(Direction direction) {
    return direction == Direction.CLIENT ? clientEnd : 1 - clientEnd;
  }
}
