package io.kubeshark.worker;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryNames;
import io.kubeshark.core.EntrySink;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.Identity;
import io.kubeshark.core.IdentityTable;
import io.kubeshark.core.NameLearner;
import io.kubeshark.core.Schema;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says in every entry who is at both ends, as it was when the entry began. Stands between dissection and store:
 *
 * <pre>
 *   runner ──entries──► named ──► store
 *                 │       ▲
 *                 └► waiting, at most {@link #WAIT_NS}: a private address that is not known yet, as of a pod that was just started
 * </pre>
 *
 * What waits is overtaken by what does not. An address that was waited for in vain is not waited for again for {@link #GIVEN_UP_NS}, so
 * that a host outside the cluster does not delay its entries for ever. Belongs to its pipeline's thread, counters excepted.
 */
public final class NamingSink implements EntrySink, AutoCloseable {
  static final long WAIT_NS = 1_500_000_000L;
  static final long GIVEN_UP_NS = 10_000_000_000L;
  /** Between two looks at what waits. */
  static final long RETRY_NS = 50_000_000L;

  private final IdentityTable table;
  private final EntrySink next;
  private final NamingDns dns;
  private final EntryView view = new EntryView();
  private final EntryNames names = new EntryNames();
  private final NamingQueue waiting = new NamingQueue();
  private final NamingGivenUp givenUp = new NamingGivenUp();
  private final NamingQueue.Taker taker = this::retry;
  private final AtomicLong waited = new AtomicLong();
  private final AtomicLong unnamed = new AtomicLong();
  private final AtomicLong refusedWireBytes = new AtomicLong();
  private long nowNs;
  private long lastRetryNs;
  private boolean closed;

  /**
   * @param schema of the entries: DNS answers are found in it by the names of their fields
   * @param learner takes what DNS answers say
   * @param nowNs of the clock that {@link #tick} is given
   */
  public NamingSink(Schema schema, IdentityTable table, NameLearner learner, EntrySink next, long nowNs) {
    this.table = table;
    this.next = next;
    this.dns = new NamingDns(schema, learner);
    this.nowNs = nowNs;
    this.lastRetryNs = nowNs;
  }

  /** @return false if the next one refused it. An entry that waits is taken; if it is refused later, that is {@link #refusedWireBytes}. */
  @Override
  public boolean onEntry(byte[] record, int offset, int length) {
    if (!view.wrap(record, offset, length)) return next.onEntry(record, offset, length);
    dns.learn(view);
    Identity client = client();
    Identity server = server();
    if (known(client, EntryLayout.SRC_IP) && known(server, EntryLayout.DST_IP)) return pass(client, server);
    if (!closed && worthWaiting(client, server) && waiting.add(record, offset, length, nowNs)) {
      increment(waited, 1);
      return true;
    }
    increment(unnamed, 1);
    return pass(client, server);
  }

  /** A record that is not stored, as that of a connection that is still open, with what is known now. Any thread. */
  static byte[] named(byte[] record, IdentityTable table) {
    EntryView view = new EntryView();
    if (!view.wrap(record, 0, record.length)) return record;
    Identity client = client(view, table);
    Identity server = server(view, table);
    if (client == null && server == null) return record;
    EntryNames names = new EntryNames();
    int length = names.write(record, 0, record.length, client, server);
    return java.util.Arrays.copyOf(names.array(), length);
  }

  /** A client's port is any: it says nothing about a service. */
  private static Identity client(EntryView view, IdentityTable table) {
    return table.find(view.array(), view.offset() + EntryLayout.SRC_IP, 0, view.startNs());
  }

  private Identity client() {
    return client(view, table);
  }

  private static Identity server(EntryView view, IdentityTable table) {
    return table.find(view.array(), view.offset() + EntryLayout.DST_IP, view.dstPort(), view.startNs());
  }

  private Identity server() {
    return server(view, table);
  }

  /** A private address that only DNS knows may turn out to be a pod's. */
  private boolean known(Identity who, int ipAt) {
    boolean inCluster = who != null && !(who.pod().isEmpty() && who.service().isEmpty() && who.node().isEmpty());
    return inCluster || !NamingGivenUp.isPrivate(view.array(), view.offset() + ipAt);
  }

  private boolean worthWaiting(Identity client, Identity server) {
    return worthWaiting(client, EntryLayout.SRC_IP) || worthWaiting(server, EntryLayout.DST_IP);
  }

  private boolean worthWaiting(Identity who, int ipAt) {
    return !known(who, ipAt) && !givenUp.contains(view.array(), view.offset() + ipAt, nowNs);
  }

  private boolean pass(Identity client, Identity server) {
    if (client == null && server == null) return next.onEntry(view.array(), view.offset(), view.length());
    int length = names.write(view.array(), view.offset(), view.length(), client, server);
    return next.onEntry(names.array(), 0, length);
  }

  /** To be called by the owner between two polls, before the store's batch is flushed. */
  public void tick(long nowNs) {
    this.nowNs = nowNs;
    if (waiting.isEmpty() || nowNs - lastRetryNs < RETRY_NS) return;
    lastRetryNs = nowNs;
    waiting.offer(taker);
  }

  /** @return whether the record waits no longer */
  private boolean retry(byte[] record, int offset, int length, long sinceNs) {
    view.wrap(record, offset, length);
    Identity client = client();
    Identity server = server();
    boolean clientKnown = known(client, EntryLayout.SRC_IP);
    boolean serverKnown = known(server, EntryLayout.DST_IP);
    if (!clientKnown || !serverKnown) {
      if (!closed && nowNs - sinceNs < WAIT_NS) return false;
      if (!clientKnown) givenUp.add(record, offset + EntryLayout.SRC_IP, nowNs + GIVEN_UP_NS);
      if (!serverKnown) givenUp.add(record, offset + EntryLayout.DST_IP, nowNs + GIVEN_UP_NS);
      increment(unnamed, 1);
    }
    long wireBytes = view.kind() == EntryLayout.Kind.EXCHANGE ? view.requestSize() + view.responseSize() : 0;
    if (!pass(client, server)) increment(refusedWireBytes, wireBytes);
    return true;
  }

  /** What waits goes on as it is; nothing waits from now on. By the owner, when no more packets come. */
  @Override
  public void close() {
    closed = true;
    waiting.offer(taker);
  }

  /** Entries that had to wait. Any thread. */
  public long waitedEntries() {
    return waited.get();
  }

  /** Entries with a private address that the cluster was not known to have: not in time, or too many waited already. Any thread. */
  public long unnamedEntries() {
    return unnamed.get();
  }

  /** Sizes of the exchanges that the next sink refused after they had waited, when their bytes were already booked as messages. Any thread. */
  public long refusedWireBytes() {
    return refusedWireBytes.get();
  }

  private static void increment(AtomicLong counter, long by) {
    counter.lazySet(counter.getPlain() + by);
  }
}
