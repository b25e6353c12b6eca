package io.kubeshark.hub;

import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryNames;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Schema;
import io.kubeshark.kfl.Filter;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kfl.KflException;
import io.kubeshark.kube.EventProtocol;
import io.kubeshark.kube.KubernetesEvent;
import io.kubeshark.render.Names;
import io.kubeshark.wire.Records;
import io.kubeshark.wire.proto.Entries;
import io.kubeshark.wire.proto.EntryAnswer;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.GetEntry;
import io.kubeshark.wire.proto.Hello;
import io.kubeshark.wire.proto.HistoryEnd;
import io.kubeshark.wire.proto.Query;
import io.kubeshark.wire.proto.QueryResult;
import io.kubeshark.wire.proto.Subscribe;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The hub's own entries: what happened in the cluster, as records of {@link EventProtocol}. The newest are kept, and answered, filtered and
 * subscribed to as a worker's. Any thread; receivers are called under its lock, so that their order is the ring's.
 */
final class EventRing implements Source {
  static final String NAME = "hub";
  static final int EVENTS_MAX = 10_000;
  static final long KEPT_NS = 15 * 60_000_000_000L;
  static final long BYTES_MAX = 8 << 20;
  private static final int RECORD_BYTES_MAX = 64 << 10;

  private record Event(long sequence, long timeNs, byte[] record) {}

  private static final class Subscription {
    final Filter filter;
    final Receiver receiver;
    long credit;
    long skipped;

    Subscription(Filter filter, Receiver receiver, long credit) {
      this.filter = filter;
      this.receiver = receiver;
      this.credit = credit;
    }
  }

  private final Supplier<Kfl> language;
  private final WorkerView view;
  /** Numbers of this run: those of another never are the same. */
  private final long firstStream;
  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private final Map<Long, Receiver> receivers = new LinkedHashMap<>();
  private final Map<Long, Subscription> subscriptions = new LinkedHashMap<>();
  private final FieldWriter fields = new FieldWriter(1024, RECORD_BYTES_MAX);
  private final EntryEncoder encoder = new EntryEncoder();
  private final EntryNames names = new EntryNames();
  private final EntryView reader = new EntryView();
  private long bytes;
  private long sequence;
  private long ids;

  /** @param startMs epoch */
  EventRing(Supplier<Kfl> language, String version, long startMs) {
    this.language = language;
    this.firstStream = startMs * 1000;
    Hello hello = Hello.newBuilder().setWorker(NAME).setVersion(version).setBackend("kubernetes").setInstance(startMs).build();
    view = WorkerView.of(hello, new Names(NAME, "", ""), new Schema(List.of(EventProtocol.INFO)));
  }

  synchronized void add(KubernetesEvent event, long nowNs) {
    if (event.timeNs() < nowNs - KEPT_NS) return;
    EventProtocol.encode(event, fields, encoder);
    int length = names.write(encoder.array(), 0, encoder.length(), null, EventProtocol.about(event));
    byte[] record = Arrays.copyOf(names.array(), length);
    sequence++;
    EntryEncoder.sequence(record, 0, sequence);
    ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).putLong(EntryLayout.STREAM, firstStream + sequence);
    events.add(new Event(sequence, event.timeNs(), record));
    bytes += record.length;
    evict(nowNs);
    for (Map.Entry<Long, Subscription> entry : subscriptions.entrySet()) offer(entry.getKey(), entry.getValue(), record);
  }

  private void evict(long nowNs) {
    for (Event oldest = events.peek(); oldest != null; oldest = events.peek()) {
      if (events.size() <= EVENTS_MAX && bytes <= BYTES_MAX && oldest.timeNs >= nowNs - KEPT_NS) return;
      events.poll();
      bytes -= oldest.record.length;
    }
  }

  private void offer(long id, Subscription subscription, byte[] record) {
    if (!reader.wrap(record, 0, record.length) || !subscription.filter.test(reader)) return;
    if (subscription.credit < record.length) {
      subscription.skipped++;
      return;
    }
    subscription.credit -= record.length;
    Entries entries = Entries.newBuilder().setSubscription(id).setRecords(Records.wrap(record, 0, record.length)).setSkipped(subscription.skipped).build();
    subscription.skipped = 0;
    subscription.receiver.onEntries(view, entries);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public WorkerView view() {
    return view;
  }

  @Override
  public boolean connected() {
    return true;
  }

  @Override
  public boolean settled() {
    return true;
  }

  @Override
  public String problem() {
    return "";
  }

  @Override
  public synchronized long newId() {
    return ++ids;
  }

  @Override
  public synchronized void register(long id, Receiver receiver) {
    receivers.put(id, receiver);
  }

  @Override
  public synchronized void subscribe(Subscribe request) {
    Receiver receiver = receivers.get(request.getId());
    if (receiver == null) return;
    try {
      Filter filter = compile(request.getKfl());
      List<Event> history = matches(filter, request.getHistoryCount(), 0, 0);
      boolean more = history.size() > request.getHistoryCount();
      ByteArrayOutputStream records = new ByteArrayOutputStream();
      for (int i = Math.min(history.size(), request.getHistoryCount()) - 1; i >= 0; i--) records.writeBytes(history.get(i).record);
      subscriptions.put(request.getId(), new Subscription(filter, receiver, request.getCreditBytes()));
      byte[] array = records.toByteArray();
      if (array.length > 0) receiver.onEntries(view, Entries.newBuilder().setSubscription(request.getId()).setRecords(Records.wrap(array, 0, array.length)).setHistory(true).build());
      receiver.onHistoryEnd(HistoryEnd.newBuilder().setSubscription(request.getId()).setTruncated(more).setSequence(sequence).build());
    } catch (KflException e) {
      receiver.onFailed(Failed.newBuilder().setId(request.getId()).setCode("kfl").setText(e.getMessage()).build());
    }
  }

  private Filter compile(String kfl) throws KflException {
    return language.get().of(new Kfl.Origin(NAME, "", "")).compile(kfl);
  }

  /** Newest first, one more than {@code limit} where there are more. */
  private List<Event> matches(Filter filter, int limit, long before, long after) {
    List<Event> found = new ArrayList<>();
    for (Iterator<Event> newest = events.descendingIterator(); newest.hasNext() && found.size() <= limit; ) {
      Event event = newest.next();
      if (before > 0 && event.sequence >= before || event.sequence <= after) continue;
      if (reader.wrap(event.record, 0, event.record.length) && filter.test(reader)) found.add(event);
    }
    return found;
  }

  @Override
  public synchronized void unsubscribe(long id) {
    receivers.remove(id);
    subscriptions.remove(id);
  }

  @Override
  public synchronized void grant(long id, long granted) {
    Subscription subscription = subscriptions.get(id);
    if (subscription != null) subscription.credit += granted;
  }

  @Override
  public void ask(long id, Envelope question, long timeoutMs, Frames frames) throws ApiError {
    frames.onFrame(answer(question));
  }

  private synchronized Envelope answer(Envelope question) throws ApiError {
    return switch (question.getMessageCase()) {
      case QUERY -> query(question.getQuery());
      case GET_ENTRY -> entry(question.getGetEntry());
      default -> throw new ApiError(404, "unknown", "Kubernetes events have no connection and no packets");
    };
  }

  private Envelope query(Query query) throws ApiError {
    try {
      List<Event> found = matches(compile(query.getKfl()), query.getLimit(), query.getBeforeSequence(), query.getAfterSequence());
      ByteArrayOutputStream records = new ByteArrayOutputStream();
      int count = 0;
      for (Event event : found) {
        if (count == query.getLimit() || query.getBytesMax() > 0 && records.size() >= query.getBytesMax()) break;
        records.writeBytes(event.record);
        count++;
      }
      byte[] array = records.toByteArray();
      return Envelope.newBuilder().setQueryResult(QueryResult.newBuilder().setId(query.getId()).setRecords(Records.wrap(array, 0, array.length))
          .setTruncated(count < found.size()).setDone(true)).build();
    } catch (KflException e) {
      throw new ApiError(e);
    }
  }

  private Envelope entry(GetEntry question) throws ApiError {
    for (Event event : events) {
      if (firstStream + event.sequence != question.getStream()) continue;
      return Envelope.newBuilder().setEntry(EntryAnswer.newBuilder().setId(question.getId()).setRecord(Records.wrap(event.record, 0, event.record.length))).build();
    }
    throw new ApiError(404, "expired", "the event is no longer kept: the newest " + EVENTS_MAX + " of " + KEPT_NS / 60_000_000_000L + " minutes are");
  }
}
