package io.kubeshark.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EntryNamesTest {
  private static final FieldSpec METHOD = FieldSpec.request(0, "method", FieldType.STRING, "Method", null, "");
  private static final FieldSpec STATUS = FieldSpec.response(1, "status", FieldType.INT, "Status", null, "");
  private static final Identity CART =
      new Identity("cart", "shop", "cart-7c9", "cart", "shop", "node-1", Map.of("app", "cart", "a", "b", "tier", "web"));
  private static final Identity DATABASE = new Identity("orders-db", "", "", "orders-db", "data", "", Map.of());

  private final EntryNames names = new EntryNames();

  /** One whose fields are as long as told, at an odd offset of its array. */
  private static byte[] record(int textLength) {
    FieldWriter request = new FieldWriter(64, EntryLayout.RECORD_BYTES_MAX);
    request.stringField(METHOD, "x".repeat(textLength));
    FieldWriter response = new FieldWriter(64, 1 << 10);
    response.intField(STATUS, 200);
    EntryEncoder encoder = new EntryEncoder();
    encoder.begin(new Connection(7, Connection.TCP, false, 0, 0), "http".getBytes(StandardCharsets.US_ASCII), EntryLayout.Kind.EXCHANGE,
        EntryLayout.Capture.FILE, 0).fields(request, response);
    return Arrays.copyOf(encoder.array(), encoder.length());
  }

  private static EntryView wrapped(byte[] array, int offset, int length) {
    EntryView view = new EntryView();
    assertThat(view.wrap(array, offset, length)).isTrue();
    return view;
  }

  private EntryView named(byte[] record, Identity client, Identity server) {
    byte[] framed = new byte[record.length + 5];
    System.arraycopy(record, 0, framed, 5, record.length);
    int length = names.write(framed, 5, record.length, client, server);
    return wrapped(names.array(), 0, length);
  }

  private static Map<String, String> labels(EntryView view, Direction side) {
    Map<String, String> labels = new HashMap<>();
    int field = view.name(side, NamePart.LABELS);
    int item = field < 0 ? 0 : view.firstItem(field);
    for (int i = field < 0 ? 0 : view.count(field); i > 0; i--) {
      labels.put(view.itemText(item), view.itemText(view.nextItem(item)));
      item = view.nextItem(view.nextItem(item));
    }
    return labels;
  }

  @Test
  void bothEndsAreRead() {
    EntryView view = named(record(3), CART, DATABASE);
    assertThat(view.nameText(Direction.CLIENT, NamePart.NAME)).isEqualTo("cart");
    assertThat(view.nameText(Direction.CLIENT, NamePart.POD)).isEqualTo("cart-7c9");
    assertThat(view.nameText(Direction.CLIENT, NamePart.NODE)).isEqualTo("node-1");
    assertThat(view.nameText(Direction.CLIENT, NamePart.SERVICE_NAMESPACE)).isEqualTo("shop");
    assertThat(labels(view, Direction.CLIENT)).isEqualTo(CART.labels());
    assertThat(view.nameText(Direction.SERVER, NamePart.NAME)).isEqualTo("orders-db");
    assertThat(view.nameText(Direction.SERVER, NamePart.SERVICE_NAMESPACE)).isEqualTo("data");
    assertThat(view.name(Direction.SERVER, NamePart.POD)).isEqualTo(-1);
    assertThat(labels(view, Direction.SERVER)).isEmpty();
    assertThat(view.stringValue(view.find(METHOD))).isEqualTo("xxx");
    assertThat(view.intValue(view.find(STATUS))).isEqualTo(200);
    assertThat(view.end(Direction.SERVER)).isEqualTo(view.next(view.find(STATUS)));
  }

  @Test
  void aRecordWithoutNamesHasNone() {
    byte[] record = record(3);
    EntryView view = wrapped(record, 0, record.length);
    assertThat(view.namesLength()).isZero();
    assertThat(view.end(Direction.SERVER)).isEqualTo(record.length);
    for (NamePart part : NamePart.values()) assertThat(view.name(Direction.CLIENT, part)).isEqualTo(-1);
    assertThat(named(record, null, null).length()).isEqualTo(record.length);
  }

  @Test
  void anExternalHostHasOnlyItsDnsName() {
    EntryView view = named(record(3), null, Identity.external("api.example.org"));
    assertThat(view.nameText(Direction.SERVER, NamePart.DNS)).isEqualTo("api.example.org");
    assertThat(view.nameText(Direction.SERVER, NamePart.NAME)).isEqualTo("api.example.org");
    assertThat(view.nameText(Direction.CLIENT, NamePart.NAME)).isEmpty();
  }

  @Test
  void namesAreReplacedByOthersAndByNone() {
    byte[] record = record(9);
    EntryView first = named(record, CART, DATABASE);
    EntryView second = named(Arrays.copyOf(first.array(), first.length()), DATABASE, null);
    assertThat(second.nameText(Direction.CLIENT, NamePart.NAME)).isEqualTo("orders-db");
    assertThat(second.nameText(Direction.SERVER, NamePart.NAME)).isEmpty();
    EntryView third = named(Arrays.copyOf(second.array(), second.length()), null, null);
    assertThat(Arrays.copyOf(third.array(), third.length())).isEqualTo(record);
  }

  @Test
  void whatIsWrittenIsReadWhateverIsKnown() {
    long seed = 17;
    Random random = new Random(seed);
    byte[] record = record(20);
    List<Identity> identities = new ArrayList<>();
    for (int i = 0; i < 3000; i++) identities.add(identity(random, i));
    for (int round = 0; round < 20_000; round++) {
      Identity client = random.nextInt(5) == 0 ? null : identities.get(random.nextInt(identities.size()));
      Identity server = random.nextInt(5) == 0 ? null : identities.get(random.nextInt(identities.size()));
      EntryView view = named(record, client, server);
      assertReads(view, Direction.CLIENT, client, "seed " + seed + " round " + round);
      assertReads(view, Direction.SERVER, server, "seed " + seed + " round " + round);
    }
  }

  private static Identity identity(Random random, int number) {
    String[] parts = new String[6];
    for (int i = 0; i < parts.length; i++) parts[i] = random.nextBoolean() ? "" : "n" + i + "-" + number;
    if (random.nextBoolean()) parts[4] = parts[1];
    if (parts[3].isEmpty()) parts[4] = "";
    Map<String, String> labels = new HashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) labels.put("key" + i, "v" + random.nextInt(9));
    return new Identity(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], labels);
  }

  private static void assertReads(EntryView view, Direction side, Identity who, String where) {
    Identity expected = who == null ? new Identity("", "", "", "", "", "", Map.of()) : who;
    String name = expected.name();
    if (name.isEmpty()) name = !expected.service().isEmpty() ? expected.service() : !expected.pod().isEmpty() ? expected.pod() : expected.node();
    assertThat(view.nameText(side, NamePart.NAME)).as(where).isEqualTo(name);
    assertThat(view.nameText(side, NamePart.NAMESPACE)).as(where).isEqualTo(expected.namespace());
    assertThat(view.nameText(side, NamePart.POD)).as(where).isEqualTo(expected.pod());
    assertThat(view.nameText(side, NamePart.SERVICE)).as(where).isEqualTo(expected.service());
    assertThat(view.nameText(side, NamePart.NODE)).as(where).isEqualTo(expected.node());
    String serviceNamespace = expected.serviceNamespace().isEmpty() && !expected.service().isEmpty() ? expected.namespace() : expected.serviceNamespace();
    assertThat(view.nameText(side, NamePart.SERVICE_NAMESPACE)).as(where).isEqualTo(serviceNamespace);
    assertThat(labels(view, side)).as(where).isEqualTo(expected.labels());
  }

  @Test
  void recordsStayWithinTheirLimit() {
    byte[] full = record(EntryLayout.RECORD_BYTES_MAX - EntryLayout.HEADER_LENGTH - 100);
    EntryView view = named(full, CART, null);
    assertThat(view.length()).isEqualTo(full.length);
    assertThat(view.has(EntryLayout.FLAG_TRUNCATED)).isTrue();
    assertThat(view.nameText(Direction.CLIENT, NamePart.NAME)).isEmpty();

    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 500; i++) many.put("label" + i, "v".repeat(60));
    byte[] small = record(1);
    EntryView large = named(small, new Identity("n".repeat(5000), "", "p".repeat(5000), "", "", "", many), null);
    assertThat(large.length() - small.length).isLessThan(3000);
    assertThat(labels(large, Direction.CLIENT)).hasSizeBetween(20, 40);
    assertThat(large.nameText(Direction.CLIENT, NamePart.POD)).hasSize(256);
  }

  @Test
  void nothingIsAllocatedForNamesThatWereWrittenBefore() {
    byte[] record = record(700);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    EntryView view = new EntryView();
    long before = 0;
    for (int i = 0; i < 2000; i++) {
      if (i == 1000) before = threads.getCurrentThreadAllocatedBytes();
      int length = names.write(record, 0, record.length, CART, DATABASE);
      if (!view.wrap(names.array(), 0, length) || view.name(Direction.SERVER, NamePart.NAME) < 0) throw new AssertionError();
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2000);
  }

  @Test
  void damagedLengthsAreRefused() {
    EntryView whole = named(record(3), CART, DATABASE);
    byte[] record = Arrays.copyOf(whole.array(), whole.length());
    int names = whole.namesLength();
    for (int wrong : new int[] {-1, names - 1, names + 1, 3, 0, Integer.MAX_VALUE}) {
      byte[] damaged = record.clone();
      FieldWriter.put32(damaged, EntryLayout.NAMES_LENGTH, wrong);
      assertThat(new EntryView().wrap(damaged, 0, damaged.length)).as("names %d", wrong).isFalse();
    }
    for (int wrong : new int[] {-1, names - 3, Integer.MAX_VALUE}) {
      byte[] damaged = record.clone();
      FieldWriter.put32(damaged, damaged.length - names, wrong);
      assertThat(new EntryView().wrap(damaged, 0, damaged.length)).as("client's names %d", wrong).isFalse();
    }
  }
}
