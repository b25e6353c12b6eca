package io.kubeshark.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kubeshark.kfl.Filter;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kfl.KflException;
import io.kubeshark.wire.SchemaCodec;
import io.kubeshark.wire.Wire;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.FilterError;
import io.kubeshark.wire.proto.GetPcap;
import io.kubeshark.wire.proto.Hello;
import io.kubeshark.wire.proto.Subscribe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** One hub's WebSocket. Frames are taken in order and never wait: work goes to other threads. */
public final class HubSession implements Session.Listener.AutoDemanding {
  /** A hub has one subscription for each different filter of its browsers. */
  static final int SUBSCRIPTIONS_MAX = 64;

  private final WorkerSources sources;
  private final Kfl kfl;
  private final Executor queries;
  private final AtomicInteger open;
  private final Map<Long, LiveSubscription> subscriptions = new ConcurrentHashMap<>();
  private final Map<Long, PcapAnswer> pcaps = new ConcurrentHashMap<>();
  private final SpoolBudget spools;
  private Session session;
  private FrameSender sender;
  private Answers answers;

  /**
   * @param open sessions of this kind: counted here
   * @param spools of all sessions
   */
  HubSession(WorkerSources sources, Kfl kfl, Executor queries, AtomicInteger open, SpoolBudget spools) {
    this.spools = spools;
    this.open = open;
    this.sources = sources;
    this.kfl = kfl;
    this.queries = queries;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    open.incrementAndGet();
    session = opened;
    sender = new FrameSender(opened);
    answers = new Answers(sources, sender);
    WorkerIdentity identity = sources.identity();
    Envelope hello = Envelope.newBuilder().setHello(Hello.newBuilder()
        .setProtocolVersion(Wire.VERSION).setWorker(identity.worker()).setNode(identity.node()).setNodeIp(identity.nodeIp())
        .setVersion(identity.version()).setBackend(identity.backend()).setSource(identity.source())
        .setInstance(sources.instance()).setStoreBeganMs(sources.storeBeganMs())
        .addAllProtocols(SchemaCodec.encode(sources.schema()))).build();
    run(Thread::startVirtualThread, 0, () -> sender.send(hello));
  }

  @Override
  public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
    try {
      onFrame(Envelope.parseFrom(payload));
      callback.succeed();
    } catch (InvalidProtocolBufferException e) {
      callback.succeed();
      session.close(1002, "not an Envelope", Callback.NOOP);
    }
  }

  private void onFrame(Envelope frame) {
    switch (frame.getMessageCase()) {
      case SUBSCRIBE -> subscribe(frame.getSubscribe());
      case UNSUBSCRIBE -> {
        LiveSubscription subscription = subscriptions.remove(frame.getUnsubscribe().getId());
        if (subscription != null) subscription.close();
      }
      case CREDIT -> {
        LiveSubscription subscription = subscriptions.get(frame.getCredit().getSubscription());
        if (subscription != null) subscription.grant(frame.getCredit().getBytes());
        PcapAnswer pcap = pcaps.get(frame.getCredit().getSubscription());
        if (pcap != null) pcap.grant(frame.getCredit().getBytes());
      }
      case QUERY -> query(frame);
      case GET_ENTRY -> run(queries, frame.getGetEntry().getId(), () -> answers.entry(frame.getGetEntry()));
      case GET_CONNECTION -> run(queries, frame.getGetConnection().getId(), () -> answers.connection(frame.getGetConnection()));
      case GET_PACKETS -> run(queries, frame.getGetPackets().getId(), () -> answers.packets(frame.getGetPackets()));
      case GET_PCAP -> pcap(frame.getGetPcap());
      case GET_STATS -> run(Thread::startVirtualThread, frame.getGetStats().getId(), () -> answers.stats(frame.getGetStats(), open.get()));
      // Not for a worker, or of a newer hub.
      case HELLO, SUBSCRIBED, ENTRIES, HISTORY_END, FAILED, QUERY_RESULT, ENTRY, PACKETS, STATS, PCAP_CHUNK, MESSAGE_NOT_SET -> {}
    }
  }

  private void subscribe(Subscribe request) {
    if (subscriptions.size() >= SUBSCRIPTIONS_MAX) {
      failed(request.getId(), "unavailable", "this worker serves " + SUBSCRIPTIONS_MAX + " subscriptions already");
      return;
    }
    try {
      Filter filter = kfl.compile(request.getKfl());
      LiveSubscription subscription = new LiveSubscription(request, filter, sources.bus(), sources.entries(), sender);
      LiveSubscription before = subscriptions.put(request.getId(), subscription);
      if (before != null) before.close();
      // A platform thread: filters compute, and would keep virtual threads waiting.
      Thread.ofPlatform().daemon().name("subscription-" + request.getId()).start(subscription);
    } catch (KflException e) {
      failed(request.getId(), e);
    }
  }

  private void query(Envelope frame) {
    long id = frame.getQuery().getId();
    try {
      Filter filter = kfl.compile(frame.getQuery().getKfl());
      run(queries, id, () -> answers.query(frame.getQuery(), filter));
    } catch (KflException e) {
      failed(id, e);
    }
  }

  /** It computes, and waits for its reader, so it gets its own thread. */
  private void pcap(GetPcap question) {
    long id = question.getId();
    try {
      Filter filter = question.getKfl().isEmpty() ? null : kfl.compile(question.getKfl());
      PcapAnswer pcap = new PcapAnswer(sources, sender, question, filter, spools);
      pcaps.put(id, pcap);
      run(Thread.ofPlatform().daemon().name("pcap-" + id)::start, id, () -> {
        try {
          pcap.run();
        } finally {
          pcaps.remove(id, pcap);
        }
      });
    } catch (KflException e) {
      failed(id, e);
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private void run(Executor executor, long id, Work work) {
    try {
      executor.execute(() -> {
        try {
          work.run();
        } catch (IOException gone) {
          session.disconnect(); // what was begun cannot be finished
        } catch (RuntimeException bug) {
          System.getLogger(HubSession.class.getName()).log(System.Logger.Level.ERROR, "a request failed (a bug, please report it)", bug);
          failed(id, "internal", bug.toString());
        }
      });
    } catch (RejectedExecutionException e) {
      failed(id, "unavailable", "too many queries at once: try again");
    }
  }

  private void failed(long id, KflException e) {
    FilterError error = FilterError.newBuilder().setCode(e.code()).setText(e.getMessage()).setPosition(e.position()).setLength(e.length())
        .setLine(e.line()).setColumn(e.column()).setSuggestion(e.suggestion() == null ? "" : e.suggestion()).build();
    send(Failed.newBuilder().setId(id).setCode("kfl").setText(e.getMessage()).setFilterError(error));
  }

  private void failed(long id, String code, String text) {
    send(Failed.newBuilder().setId(id).setCode(code).setText(text));
  }

  private void send(Failed.Builder failed) {
    Thread.startVirtualThread(() -> {
      try {
        sender.send(Envelope.newBuilder().setFailed(failed).build());
      } catch (IOException gone) {
        session.disconnect();
      }
    });
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    open.decrementAndGet();
    subscriptions.values().forEach(LiveSubscription::close);
    subscriptions.clear();
    pcaps.values().forEach(PcapAnswer::stop);
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    System.getLogger(HubSession.class.getName()).log(System.Logger.Level.DEBUG, "the hub's connection ended", cause);
  }
}
