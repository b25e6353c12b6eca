package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntrySink;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.Identity;
import io.kubeshark.core.IdentityTable;
import io.kubeshark.core.IpAddress;
import io.kubeshark.core.NameLearner;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.Schema;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamingSinkTest {
  private static final long EPOCH_NS = 1_700_000_000_000_000_000L;
  private static final long MS = 1_000_000;

  /** Who had an address from when on. */
  private static final class Addresses implements IdentityTable {
    private final Map<String, TreeMap<Long, Identity>> known = new HashMap<>();

    void put(String ip, long fromNs, Identity who) {
      known.computeIfAbsent(ip, _ -> new TreeMap<>()).put(fromNs, who);
    }

    @Override
    public Identity find(byte[] ip, int offset, int port, long timeNs) {
      TreeMap<Long, Identity> history = known.get(IpAddress.text(ip, offset));
      Map.Entry<Long, Identity> then = history == null ? null : history.floorEntry(timeNs);
      if (then == null || port == 0 || port == 8080) return then == null ? null : then.getValue();
      Identity pod = then.getValue(); // the service has one port only
      return new Identity(pod.pod(), pod.namespace(), pod.pod(), "", "", pod.node(), pod.labels());
    }
  }

  private static final class Store implements EntrySink {
    final List<byte[]> records = new ArrayList<>();
    boolean full;

    @Override
    public boolean onEntry(byte[] record, int offset, int length) {
      if (!full) records.add(Arrays.copyOfRange(record, offset, offset + length));
      return !full;
    }

    EntryView view(int i) {
      EntryView view = new EntryView();
      assertThat(view.wrap(records.get(i), 0, records.get(i).length)).isTrue();
      return view;
    }

    String pods(int i) {
      EntryView view = view(i);
      return view.nameText(Direction.CLIENT, NamePart.NAME) + " " + view.nameText(Direction.SERVER, NamePart.NAME);
    }
  }

  private final Addresses table = new Addresses();
  private final Store store = new Store();
  private final NamingSink sink = new NamingSink(new Schema(List.of()), table, NameLearner.NONE, store, 0);

  private static Identity pod(String name) {
    return new Identity(name + "-svc", "shop", name, name + "-svc", "shop", "node-1", Map.of("app", name));
  }

  private static byte[] address(String ip) throws Exception {
    byte[] bytes = InetAddress.ofLiteral(ip).getAddress();
    byte[] all = new byte[16];
    if (bytes.length == 4) all[10] = all[11] = -1;
    System.arraycopy(bytes, 0, all, 16 - bytes.length, bytes.length);
    return all;
  }

  private static byte[] record(int index, String client, String server, int port, long startNs) throws Exception {
    Connection connection = new Connection(1, Connection.TCP, client.indexOf(':') >= 0, 0, 0);
    EntryEncoder encoder = new EntryEncoder();
    connection.port[0] = 40_000;
    connection.port[1] = port;
    encoder.begin(connection, "http".getBytes(StandardCharsets.US_ASCII), EntryLayout.Kind.EXCHANGE, EntryLayout.Capture.AF_PACKET, index)
        .times(startNs, startNs + 5, 5).sizes(100, 20, 0).fields(null, null);
    byte[] record = Arrays.copyOf(encoder.array(), encoder.length());
    System.arraycopy(address(client), 0, record, EntryLayout.SRC_IP, 16);
    System.arraycopy(address(server), 0, record, EntryLayout.DST_IP, 16);
    return record;
  }

  private boolean send(int index, String client, String server) throws Exception {
    byte[] record = record(index, client, server, 8080, EPOCH_NS + index);
    return sink.onEntry(record, 0, record.length);
  }

  @Test
  void aRecordThatIsNotStoredIsNamedAtOnce() throws Exception {
    table.put("10.0.0.2", EPOCH_NS, pod("cart"));
    byte[] record = record(1, "10.0.0.1", "10.0.0.2", 8080, EPOCH_NS + 5);
    EntryView view = new EntryView();
    byte[] named = NamingSink.named(record, table);
    assertThat(view.wrap(named, 0, named.length)).isTrue();
    assertThat(view.nameText(Direction.SERVER, NamePart.POD)).isEqualTo("cart");
    assertThat(view.name(Direction.CLIENT, NamePart.NAME)).isNegative();
    byte[] unknown = record(1, "10.0.0.1", "10.0.0.3", 8080, EPOCH_NS + 5);
    assertThat(NamingSink.named(unknown, table)).isEqualTo(unknown);
  }

  @Test
  void bothEndsAreNamedAsOfTheEntrysStart() throws Exception {
    table.put("10.0.0.1", EPOCH_NS, pod("old"));
    table.put("10.0.0.1", EPOCH_NS + 100, pod("new"));
    table.put("10.0.0.2", EPOCH_NS, pod("server"));
    send(99, "10.0.0.1", "10.0.0.2");
    send(100, "10.0.0.1", "10.0.0.2");
    byte[] otherPort = record(101, "10.0.0.1", "10.0.0.2", 9090, EPOCH_NS + 101);
    sink.onEntry(otherPort, 0, otherPort.length);
    assertThat(store.pods(0)).isEqualTo("old-svc server-svc");
    assertThat(store.pods(1)).isEqualTo("new-svc server-svc");
    assertThat(store.pods(2)).isEqualTo("new-svc server");
    assertThat(sink.waitedEntries()).isZero();
  }

  @Test
  void aPodThatIsNotKnownYetIsWaitedFor() throws Exception {
    table.put("10.0.0.2", EPOCH_NS, pod("server"));
    assertThat(send(1, "10.0.0.1", "10.0.0.2")).isTrue();
    assertThat(send(2, "10.0.0.2", "10.0.0.2")).isTrue();
    sink.tick(400 * MS);
    assertThat(store.records).hasSize(1);
    table.put("10.0.0.1", EPOCH_NS, pod("young"));
    sink.tick(420 * MS);
    assertThat(store.records).as("looked at too often").hasSize(1);
    sink.tick(450 * MS);
    assertThat(store.pods(1)).isEqualTo("young-svc server-svc");
    assertThat(store.view(1).index()).isEqualTo(1);
    assertThat(sink.waitedEntries()).isEqualTo(1);
    assertThat(sink.unnamedEntries()).isZero();
  }

  @Test
  void whatNobodyNamesGoesOnAndIsNotWaitedForAgainForAWhile() throws Exception {
    table.put("10.0.0.2", EPOCH_NS, pod("server"));
    send(1, "192.168.7.7", "10.0.0.2");
    sink.tick(NamingSink.WAIT_NS - 1);
    assertThat(store.records).isEmpty();
    sink.tick(NamingSink.WAIT_NS + NamingSink.RETRY_NS);
    assertThat(store.pods(0)).isEqualTo(" server-svc");
    assertThat(sink.unnamedEntries()).isEqualTo(1);
    send(2, "192.168.7.7", "10.0.0.2");
    assertThat(store.records).hasSize(2);
    assertThat(sink.unnamedEntries()).isEqualTo(2);
    send(3, "192.168.7.7", "192.168.7.8");
    assertThat(store.records).as("the other end may be named yet").hasSize(2);
    sink.tick(3 * NamingSink.WAIT_NS);
    assertThat(store.records).hasSize(3);
    sink.tick(3 * NamingSink.WAIT_NS + NamingSink.GIVEN_UP_NS);
    send(4, "192.168.7.7", "10.0.0.2");
    assertThat(sink.waitedEntries()).isEqualTo(3);
  }

  @Test
  void anExternalAddressIsNotWaitedForAndAPrivateOneThatOnlyDnsKnowsIs() throws Exception {
    table.put("8.8.8.8", EPOCH_NS, Identity.external("dns.example"));
    table.put("10.9.9.9", EPOCH_NS, Identity.external("db.example"));
    send(1, "8.8.8.8", "1.1.1.1");
    assertThat(store.pods(0)).isEqualTo("dns.example ");
    send(2, "8.8.8.8", "10.9.9.9");
    assertThat(store.records).hasSize(1);
    sink.tick(NamingSink.WAIT_NS);
    assertThat(store.pods(1)).isEqualTo("dns.example db.example");
  }

  @Test
  void whatWaitsIsBoundedInNumberAndBytes() throws Exception {
    for (int i = 0; i < NamingQueue.ENTRIES_MAX + 7; i++) assertThat(send(i, "10.0.0.1", "10.0.0.2")).isTrue();
    assertThat(store.records).hasSize(7);
    assertThat(sink.unnamedEntries()).isEqualTo(7);
    sink.tick(NamingSink.WAIT_NS);
    assertThat(store.records).hasSize(NamingQueue.ENTRIES_MAX + 7);
    assertThat(store.view(7).index()).isZero();

    NamingQueue queue = new NamingQueue();
    byte[] large = new byte[NamingQueue.BYTES_MAX / 3];
    large[0] = (byte) large.length;
    large[1] = (byte) (large.length >> 8);
    large[2] = (byte) (large.length >> 16);
    int fit = 0;
    while (queue.add(large, 0, large.length, 0)) fit++;
    assertThat(fit).isEqualTo(3);
    queue.offer((_, _, _, since) -> since == 0);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void theEndLetsEverythingGo() throws Exception {
    send(1, "10.0.0.1", "10.0.0.2");
    sink.close();
    send(2, "10.0.0.1", "10.0.0.2");
    assertThat(store.records).hasSize(2);
  }

  @Test
  void whatIsRefusedAfterTheWaitIsCounted() throws Exception {
    store.full = true;
    assertThat(send(1, "10.0.0.1", "8.8.8.8")).isTrue();
    sink.tick(NamingSink.WAIT_NS);
    assertThat(sink.refusedWireBytes()).isEqualTo(120);
    assertThat(send(2, "10.0.0.1", "8.8.8.8")).as("refused at once: its caller books it").isFalse();
    assertThat(sink.refusedWireBytes()).isEqualTo(120);
  }

  /** Addresses become known, are reused and stay unknown at random; a model says what each entry must be called. */
  @Test
  void everyEntryComesOnceInTimeAndWithTheNameOfItsMoment() throws Exception {
    long seed = 31;
    Random random = new Random(seed);
    int sent = 0;
    long[] sentAt = new long[20_000];
    String[] clients = new String[sentAt.length];
    int seen = 0;
    for (long now = 0; now < 60_000 * MS; now += (1 + random.nextInt(40)) * MS) {
      if (random.nextInt(20) == 0) {
        int host = random.nextInt(60);
        table.put("10.0.0." + host, EPOCH_NS + now - random.nextInt(2_000) * MS, pod("pod" + host + "-" + now));
      }
      for (int i = random.nextInt(8); i > 0 && sent < sentAt.length; i--, sent++) {
        clients[sent] = "10.0.0." + random.nextInt(80);
        sentAt[sent] = now;
        byte[] record = record(sent, clients[sent], "8.8.8.8", 80, EPOCH_NS + now);
        assertThat(sink.onEntry(record, 0, record.length)).isTrue();
      }
      sink.tick(now);
      for (; seen < store.records.size(); seen++) {
        EntryView view = store.view(seen);
        String where = "seed " + seed + " entry " + view.index();
        Identity then = table.find(view.array(), EntryLayout.SRC_IP, 0, view.startNs());
        assertThat(view.nameText(Direction.CLIENT, NamePart.POD)).as(where).isEqualTo(then == null ? "" : then.pod());
        assertThat(now - sentAt[view.index()]).as(where).isBetween(0L, NamingSink.WAIT_NS + NamingSink.RETRY_NS + 40 * MS);
        assertThat(view.srcIp()).as(where).isEqualTo(clients[view.index()]);
        sentAt[view.index()] = Long.MIN_VALUE / 2; // a second coming would be late
      }
    }
    sink.close();
    assertThat(store.records).hasSize(sent);
    assertThat(sink.waitedEntries()).isBetween(100L, sent - 100L);
    assertThat(sink.unnamedEntries()).isBetween(100L, sent - 100L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "100.64.0.0", "100.127.255.255",
    "fc00::", "fdff::1"})
  void privateAddresses(String ip) throws Exception {
    assertThat(NamingGivenUp.isPrivate(address(ip), 0)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "100.63.255.255", "100.128.0.0",
    "fbff::1", "fe80::1", "2001:db8::1", "::1", "127.0.0.1"})
  void otherAddresses(String ip) throws Exception {
    assertThat(NamingGivenUp.isPrivate(address(ip), 0)).isFalse();
  }
}
