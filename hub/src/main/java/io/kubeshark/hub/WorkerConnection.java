package io.kubeshark.hub;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kubeshark.wire.Wire;
import io.kubeshark.wire.proto.Credit;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.Subscribe;
import io.kubeshark.wire.proto.Unsubscribe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/**
 * The way to one worker: connects while somebody {@link #want}s it, and again when it breaks, with growing pauses. Frames are handled on
 * the WebSocket's thread, in their order; handlers do not wait.
 */
final class WorkerConnection implements Source, AutoCloseable {
  static final long BACK_OFF_MS_MIN = 100;
  static final long BACK_OFF_MS_MAX = 5000;
  /** Quiet connections are kept; one whose worker is gone without a word ends by its idle timeout. */
  private static final long PING_MS = 15_000;
  private static final long CONNECT_TIMEOUT_MS = 5000;

  private final WorkerAddress address;
  private final WebSocketClient client;
  private final long connectTimeoutMs;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Receiver> receivers = new ConcurrentHashMap<>();
  private final Thread thread;
  private final CountDownLatch greeted = new CountDownLatch(1);
  private volatile Link link;
  private volatile WorkerView view;
  private volatile String problem = "not connected yet";
  // Written under this.
  private volatile boolean wanted;
  private volatile boolean settled;
  private volatile boolean closed;

  WorkerConnection(WorkerAddress address, WebSocketClient client) {
    this(address, client, CONNECT_TIMEOUT_MS);
  }

  WorkerConnection(WorkerAddress address, WebSocketClient client, long connectTimeoutMs) {
    this.address = address;
    this.client = client;
    this.connectTimeoutMs = connectTimeoutMs;
    this.thread = Thread.ofVirtual().name("worker " + address.uri()).start(this::stayConnected);
  }

  WorkerAddress address() {
    return address;
  }

  @Override
  public String name() {
    WorkerView now = view;
    return now == null ? address.name() : now.names().worker();
  }

  @Override
  public WorkerView view() {
    return view;
  }

  @Override
  public boolean connected() {
    Link now = link;
    return now != null && now.ready();
  }

  /** Whether there is a WebSocket, greeted or not. */
  boolean open() {
    Link now = link;
    return now != null && now.session != null && now.ended.getCount() > 0;
  }

  @Override
  public boolean settled() {
    return settled || connected();
  }

  /** Why there is no connection. */
  @Override
  public String problem() {
    return wanted ? problem : "nobody looks, so the hub is not connected to it";
  }

  boolean wanted() {
    return wanted;
  }

  /** Opens the connection, or closes it; at once, on another thread. */
  void want(boolean now) {
    Link open;
    synchronized (this) {
      if (wanted == now) return;
      wanted = now;
      settled = false;
      if (now) problem = "not connected yet";
      open = link;
      notifyAll();
    }
    if (!now && open != null) open.end("nobody looks");
  }

  /** Waits until it is {@link #settled}. */
  void awaitSettled(long untilMs) throws InterruptedException {
    synchronized (this) {
      for (long left = untilMs - System.currentTimeMillis(); !settled() && wanted && left > 0; left = untilMs - System.currentTimeMillis()) wait(left);
    }
  }

  private void settle() {
    synchronized (this) {
      settled = true;
      notifyAll();
    }
  }

  boolean awaitFirst(long timeoutMs) throws InterruptedException {
    return greeted.await(timeoutMs, TimeUnit.MILLISECONDS);
  }

  private void stayConnected() {
    long backOffMs = BACK_OFF_MS_MIN;
    try {
      while (!closed) {
        if (awaitWanted()) backOffMs = BACK_OFF_MS_MIN;
        if (closed) return;
        if (attempt()) backOffMs = BACK_OFF_MS_MIN;
        boolean first = wanted && !settled;
        settle();
        if (first) receivers.values().forEach(Receiver::onUnreachable);
        pause(backOffMs);
        backOffMs = Math.min(BACK_OFF_MS_MAX, 2 * backOffMs);
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  /** @return whether it had to wait: who wants it now must not wait for an earlier failure's pause */
  private synchronized boolean awaitWanted() throws InterruptedException {
    boolean waits = !wanted;
    while (!wanted && !closed) wait();
    return waits;
  }

  private synchronized void pause(long ms) throws InterruptedException {
    long until = System.currentTimeMillis() + ms;
    for (long left = ms; wanted && !closed && left > 0; left = until - System.currentTimeMillis()) wait(left);
  }

  /** One connection, from its opening to its end. @return whether the worker greeted */
  private boolean attempt() throws InterruptedException {
    Link attempt = new Link();
    try {
      connect(attempt);
      link = attempt;
      if (!wanted) attempt.end("nobody looks");
      while (!attempt.ended.await(PING_MS, TimeUnit.MILLISECONDS)) attempt.ping();
    } catch (IOException e) {
      problem = e.getMessage();
    } catch (IllegalStateException e) {
      if (!closed) throw e; // the client was stopped between the look and the call
    } finally {
      attempt.end(problem);
      link = null;
    }
    return attempt.said != null;
  }

  /** One more WebSocket to the worker: for what this keeps, or for a download. The caller closes it. */
  Session connect(Session.Listener listener) throws IOException, InterruptedException {
    ClientUpgradeRequest request = new ClientUpgradeRequest(address.uri());
    if (address.token() != null) request.setHeader("Authorization", address.token().header());
    CompletableFuture<Session> opening = client.connect(listener, request);
    try {
      return opening.get(connectTimeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      String reason = e.getCause().getMessage();
      throw new IOException("the worker at " + address.uri() + " cannot be reached: " + reason, e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("the worker at " + address.uri() + " does not answer", e);
    } finally {
      opening.cancel(true); // else the one that was given up may open later, beside the next
    }
  }

  /** One WebSocket, from its opening to its end. */
  public final class Link implements Session.Listener.AutoDemanding { // public: Jetty looks its methods up
    private final Map<Long, LinkedBlockingQueue<Envelope>> waiting = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Session session;
    private volatile WorkerView said;

    boolean ready() {
      return said != null && ended.getCount() > 0;
    }

    @Override
    public void onWebSocketOpen(Session opened) {
      session = opened;
      if (ended.getCount() == 0) opened.disconnect();
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      try {
        onFrame(Envelope.parseFrom(payload));
      } catch (InvalidProtocolBufferException e) {
        end("the worker sent what is not an Envelope");
      } catch (RuntimeException e) {
        System.getLogger(WorkerConnection.class.getName()).log(System.Logger.Level.ERROR, "a worker's frame was not understood", e);
      }
      callback.succeed();
    }

    private void onFrame(Envelope frame) {
      switch (frame.getMessageCase()) {
        case HELLO -> hello(frame);
        case ENTRIES -> receiver(frame.getEntries().getSubscription(), receiver -> receiver.onEntries(said, frame.getEntries()));
        case HISTORY_END -> receiver(frame.getHistoryEnd().getSubscription(), receiver -> receiver.onHistoryEnd(frame.getHistoryEnd()));
        case FAILED -> {
          receiver(frame.getFailed().getId(), receiver -> receiver.onFailed(frame.getFailed()));
          answer(frame.getFailed().getId(), frame);
        }
        case QUERY_RESULT -> answer(frame.getQueryResult().getId(), frame);
        case ENTRY -> answer(frame.getEntry().getId(), frame);
        case PACKETS -> answer(frame.getPackets().getId(), frame);
        case STATS -> answer(frame.getStats().getId(), frame);
        case PCAP_CHUNK -> answer(frame.getPcapChunk().getId(), frame);
        // Nobody waits for it, or of a newer worker, or not for a hub.
        case SUBSCRIBED, SUBSCRIBE, UNSUBSCRIBE, CREDIT, QUERY, GET_ENTRY, GET_CONNECTION, GET_PACKETS, GET_STATS, GET_PCAP, MESSAGE_NOT_SET -> {}
      }
    }

    private void hello(Envelope frame) {
      if (ended.getCount() == 0) return;
      String mismatch = Wire.versionProblem(frame.getHello().getProtocolVersion(), "the worker at " + address.uri());
      if (mismatch != null) {
        end(mismatch);
        return;
      }
      try {
        view = said = WorkerView.of(frame.getHello());
      } catch (IllegalArgumentException e) {
        end("the worker's schema is not understood: " + e.getMessage());
        return;
      }
      link = this;
      greeted.countDown();
      settle();
      receivers.values().forEach(receiver -> receiver.onConnected(said));
      if (ended.getCount() == 0) receivers.values().forEach(Receiver::onGone); // meanwhile
    }

    private void receiver(long id, Consumer<Receiver> call) {
      Receiver receiver = receivers.get(id);
      if (receiver != null) call.accept(receiver);
    }

    private void answer(long id, Envelope frame) {
      LinkedBlockingQueue<Envelope> queue = waiting.get(id);
      if (queue != null) queue.add(frame);
    }

    void send(Envelope frame) {
      Session now = session;
      if (now != null) now.sendBinary(ByteBuffer.wrap(frame.toByteArray()), Callback.from(() -> {}, failure -> end("the connection to the worker broke: " + failure.getMessage())));
    }

    void ping() {
      Session now = session;
      if (now != null) now.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
    }

    void end(String reason) {
      problem = reason;
      Session now = session;
      if (now != null) now.disconnect();
      over();
    }

    private void over() {
      if (ended.getCount() == 0) return;
      boolean wasReady = ready();
      ended.countDown();
      for (LinkedBlockingQueue<Envelope> queue : waiting.values()) {
        queue.add(Envelope.newBuilder().setFailed(Failed.newBuilder().setCode("gone").setText(problem)).build());
      }
      if (wasReady) receivers.values().forEach(Receiver::onGone);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
      if (ended.getCount() > 0) problem = "the worker closed the connection" + (reason == null || reason.isEmpty() ? "" : ": " + reason);
      over();
      callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
      // Before it is open, connect() says it.
      if (session != null && ended.getCount() > 0) problem = "the connection to the worker at " + address.uri() + " broke: " + cause.getMessage();
    }
  }

  @Override
  public long newId() {
    return ids.incrementAndGet();
  }

  @Override
  public void ask(long id, Envelope question, long timeoutMs, Frames frames) throws ApiError {
    Link now = link;
    if (now == null || !now.ready()) throw unavailable();
    LinkedBlockingQueue<Envelope> queue = new LinkedBlockingQueue<>();
    now.waiting.put(id, queue);
    try {
      now.send(question);
      boolean more = true;
      while (more) {
        Envelope frame = now.ended.getCount() == 0 && queue.isEmpty() ? null : queue.poll(timeoutMs, TimeUnit.MILLISECONDS);
        if (frame == null) throw new ApiError(504, "worker-timeout", "the worker " + view.names().node() + " did not answer in " + timeoutMs + " ms: try again");
        if (frame.hasFailed()) throw failed(frame.getFailed());
        more = frames.onFrame(frame);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiError(503, "stopping", "the hub is being stopped");
    } finally {
      now.waiting.remove(id);
    }
  }

  private ApiError unavailable() {
    return new ApiError(503, "worker-unavailable", problem() + "; the hub keeps trying");
  }

  private static ApiError failed(Failed failed) {
    int status = switch (failed.getCode()) {
      case "expired", "unknown" -> 404;
      case "kfl" -> 400;
      case "unavailable", "gone" -> 503;
      default -> 502;
    };
    return new ApiError(status, failed.getCode(), failed.getText());
  }

  @Override
  public void register(long id, Receiver receiver) {
    receivers.put(id, receiver);
  }

  @Override
  public void subscribe(Subscribe subscribe) {
    send(Envelope.newBuilder().setSubscribe(subscribe).build());
  }

  @Override
  public void unsubscribe(long id) {
    receivers.remove(id);
    send(Envelope.newBuilder().setUnsubscribe(Unsubscribe.newBuilder().setId(id)).build());
  }

  @Override
  public void grant(long id, long bytes) {
    if (bytes > 0) send(Envelope.newBuilder().setCredit(Credit.newBuilder().setSubscription(id).setBytes(bytes)).build());
  }

  private void send(Envelope frame) {
    Link now = link;
    if (now != null && now.ready()) now.send(frame);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      wanted = false;
      notifyAll();
    }
    Link now = link;
    if (now != null) now.end("the hub is being stopped");
    thread.interrupt();
  }
}
