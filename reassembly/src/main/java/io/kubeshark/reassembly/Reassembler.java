package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Connection.State;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.core.PacketTap;
import io.kubeshark.core.StreamHandler;

/**
 * Frames in, ordered bytes of connections out. One per capture thread, used by that thread only; the same frames give the same calls.
 *
 * <pre>
 * onPacket ─► PacketDecoder (link, IP, tunnels) ─► TcpTracker (connections) ─► TcpOrder, TcpHoles ─► TcpDelivery ─► StreamHandler
 *               └ FragmentTable                     └ TcpAnalysis (health)
 *                                                ─► UdpTracker ──────────────────────────────────────────────────► StreamHandler
 * </pre>
 *
 * <p>The ledger: each frame's length on the wire is counted once, and each of its bytes is on one account, except what was handed to
 * {@link StreamHandler#onData} and {@link StreamHandler#onDatagram}, which the next stage books, and what waits here:
 * {@code ledger().pending() == deliveredBytes() + pendingBytes()} between any two calls. The same holds for each connection's ledger.
 * Proven gaps count on the wire and as GAP.
 */
public final class Reassembler implements PacketHandler {
  private static final long SECOND_NS = 1_000_000_000L;

  private final Accounts accounts = new Accounts();
  private final StreamHandler handler;
  private final Packet packet = new Packet();
  private final FragmentTable fragments;
  private final PacketDecoder decoder;
  private final Flows flows;
  private final TcpTracker tcp;
  private final UdpTracker udp;
  private final Timers.Expiry expiry = this::onTick;
  private long nowNs = Long.MIN_VALUE;
  private long nextTickNs = Long.MIN_VALUE;
  private long nextSecondNs = Long.MIN_VALUE;
  private long packets;
  private long evicted;

  /** @param threadNumber the upper 16 bits of its connections' numbers */
  public Reassembler(int threadNumber, ReassemblyLimits limits, StreamHandler handler, PacketTap tap) {
    this.handler = handler;
    fragments = new FragmentTable(accounts, limits.fragmentBytes(), limits.fragmentTimeoutNs());
    decoder = new PacketDecoder(fragments);
    flows = new Flows(threadNumber, limits, accounts, tap, this::evict);
    tcp = new TcpTracker(accounts, flows, handler, limits);
    udp = new UdpTracker(accounts, flows, handler, limits);
  }

  @Override
  public void onPacket(
      byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    packets++;
    if (timeNs > nowNs) nowNs = timeNs;
    if (nowNs >= nextTickNs) tick();
    Packet p = packet;
    p.reset(array, offset, capturedLength, Math.max(capturedLength, wireLength), timeNs, linkType, interfaceIndex, vlan, flags);
    accounts.total.wire(p.wireLength);
    switch (decoder.decode(p)) {
      case TCP -> tcp.onPacket(p);
      case UDP -> udp.onPacket(p);
      case OTHER_TRANSPORT -> flows.untracked(p, LedgerCode.UNSUPPORTED_TRANSPORT);
      case FRAGMENT -> flows.tap(null, p);
      case NOT_IP -> flows.whole(p, LedgerCode.NOT_IP);
      case MALFORMED -> flows.whole(p, LedgerCode.MALFORMED_PACKET);
      case CUT -> cut(p);
      case AGAIN -> throw new IllegalStateException("the decoder stopped halfway");
    }
    tcp.holes.afterPacket(nowNs);
  }

  /** Cut inside the headers: what is there are headers, what is not there was cut. */
  private void cut(Packet p) {
    long missing = p.wireEnd - p.end;
    accounts.add(null, LedgerCode.HEADERS, p.accountedLength - p.paddingBytes - missing, 1);
    accounts.add(null, LedgerCode.PADDING, p.paddingBytes);
    accounts.add(null, LedgerCode.SNAPLEN, missing, 1);
    flows.tap(null, p);
  }

  @Override
  public void onLost(LedgerCode code, long packetCount, long bytes) {
    accounts.total.wire(bytes);
    accounts.total.add(code, bytes, packetCount);
  }

  @Override
  public void onTime(long timeNs) {
    if (timeNs > nowNs) nowNs = timeNs;
    tick();
  }

  private void tick() {
    if (nextTickNs == Long.MIN_VALUE) nextSecondNs = nowNs + SECOND_NS;
    nextTickNs = nowNs + Timers.TICK_NS;
    fragments.onTime(nowNs);
    tcp.holes.onTime(nowNs);
    flows.timers.advance(nowNs, expiry);
    if (nowNs >= nextSecondNs) {
      nextSecondNs = nowNs + SECOND_NS;
      handler.onTime(nowNs);
    }
  }

  private void onTick(Flow flow, long timeNs) {
    if (flow instanceof TcpFlow f) tcp.onTick(f, timeNs);
    else udp.onTick((UdpFlow) flow, timeNs);
  }

  private void evict(Flow flow) {
    if (!flow.closed) evicted++;
    end(flow, State.EVICTED);
  }

  private void end(Flow flow, State state) {
    if (flow instanceof TcpFlow f) {
      if (!f.closed) tcp.close(f, state, nowNs);
      flows.remove(f);
    } else {
      udp.close((UdpFlow) flow, state, nowNs);
    }
  }

  /** End of the file or shutdown: holes are declared, all connections end with CAPTURE_ENDED. */
  public void flush(long timeNs) {
    if (timeNs > nowNs) nowNs = timeNs;
    fragments.flush();
    for (Flow flow : flows.table.all()) end(flow, State.CAPTURE_ENDED);
  }

  /** What reassembly disposed of. Payload that was handed on is not on its accounts. */
  public Ledger ledger() {
    return accounts.total;
  }

  /** Payload handed to the stream handler. */
  public long deliveredBytes() {
    return accounts.delivered;
  }

  /** Bytes of captured frames that wait here for others. */
  public long pendingBytes() {
    return accounts.pending;
  }

  public long packets() {
    return packets;
  }

  /** TCP connections and UDP flows that ever were. */
  public long connectionsOpened() {
    return flows.opened();
  }

  /** In the table now, those included that are over and remembered for late packets. */
  public int connectionsTracked() {
    return flows.table.size();
  }

  /** The live connection with this id, or null. Looks at all of them: for questions from people. */
  public Connection connection(long id) {
    for (Flow flow : flows.table.all()) if (!flow.closed && flow.connection.id == id) return flow.connection;
    return null;
  }

  /** Ended by {@link ReassemblyLimits#connections()}. */
  public long connectionsEvicted() {
    return evicted;
  }

  /** How often holes were declared early because {@link ReassemblyLimits#bufferedBytes()} was reached. */
  public long forcedByBudget() {
    return tcp.order.forcedByBudget();
  }

  /** Datagrams whose fragments never became whole. */
  public long fragmentsIncomplete() {
    return fragments.incomplete();
  }

  /** Memory that waiting TCP segments take now. */
  public long bufferBytesUsed() {
    return tcp.segments.usedBytes();
  }
}
