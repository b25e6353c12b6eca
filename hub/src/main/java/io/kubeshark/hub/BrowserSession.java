package io.kubeshark.hub;

import io.kubeshark.kfl.KflException;
import io.kubeshark.render.JsonWriter;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One browser's WebSocket. A virtual thread sends, at most {@link #TURN_MS} apart, and waits until the browser took each frame: a slow
 * browser waits alone.
 */
public final class BrowserSession implements Session.Listener.AutoDemanding {
  private static final long TURN_MS = 100;
  /** A browser that takes nothing for so long is gone; a suspended one connects again when it wakes. */
  private static final long SEND_TIMEOUT_MS = 120_000;
  /** Answers that wait for a browser that asks without reading. */
  private static final int CONTROLS_MAX = 100;

  private final Hub hub;
  private Session session;
  private Workers.Look look;

  // Guarded by this.
  private final Queue<String> controls = new ArrayDeque<>();
  private RowFeed feed;
  private boolean paused;
  private boolean dirty = true;
  private boolean closed;
  private String stats;

  BrowserSession(Hub hub) {
    this.hub = hub;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    session = opened;
    look = hub.workers().look();
    controls.add(hub.hello());
    stats = hub.ticker().last();
    hub.ticker().add(this);
    Thread.ofVirtual().name("browser").start(this::send);
  }

  @Override
  public void onWebSocketText(String text) {
    try {
      JsonNode message = JsonMapper.shared().readTree(text);
      switch (message.path("type").asString("")) {
        case "subscribe" -> subscribe(message.path("id").asLong(0), message.path("kfl").asString(""), message.path("history").asInt(0));
        case "pause" -> pause(true);
        case "resume" -> pause(false);
        default -> {} // of a newer dashboard
      }
    } catch (JacksonException e) {
      session.close(1007, "not JSON", Callback.NOOP);
    }
  }

  private void subscribe(long id, String kfl, int history) {
    try {
      hub.workers().kfl().compile(kfl);
    } catch (KflException e) {
      JsonWriter out = new JsonWriter().beginObject().key("type").string("filterError").key("id").number(id).key("error");
      ApiError.write(e, out);
      control(out.endObject().toString());
      return;
    }
    RowFeed next = new RowFeed(id, kfl, history, hub.workers(), this::signal);
    RowFeed before;
    synchronized (this) {
      if (closed) return;
      before = feed;
      feed = next;
      next.pause(paused);
    }
    if (before != null) before.close();
    next.start();
    signal();
  }

  private void pause(boolean wanted) {
    RowFeed now;
    synchronized (this) {
      paused = wanted;
      now = feed;
    }
    if (now != null) now.pause(wanted);
  }

  private void control(String frame) {
    synchronized (this) {
      if (controls.size() < CONTROLS_MAX) controls.add(frame);
    }
    signal();
  }

  /** A newer one replaces one that was not sent. */
  void stats(String frame) {
    synchronized (this) {
      stats = frame;
    }
    signal();
  }

  void tell(String frame) {
    control(frame);
  }

  void end(String reason) {
    control(new JsonWriter().beginObject().key("type").string("end").key("reason").string(reason).endObject().toString());
  }

  private void signal() {
    synchronized (this) {
      dirty = true;
      notifyAll();
    }
  }

  private void send() {
    try {
      while (turn()) Thread.sleep(TURN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException gone) {
      session.disconnect();
    } finally {
      over();
    }
  }

  /** Sends what there is. @return false when closed */
  private boolean turn() throws InterruptedException, ExecutionException, TimeoutException {
    RowFeed now;
    synchronized (this) {
      while (!dirty && !closed) wait();
      if (closed) return false;
      dirty = false;
      now = feed;
    }
    for (String frame = control(); frame != null; frame = control()) send(frame);
    if (now != null) {
      for (String frame : now.take(System.currentTimeMillis())) send(frame);
      if (now.holds()) signal();
    }
    String figures;
    synchronized (this) {
      figures = stats;
      stats = null;
    }
    if (figures != null) send(figures);
    return true;
  }

  private synchronized String control() {
    return controls.poll();
  }

  private void send(String frame) throws InterruptedException, ExecutionException, TimeoutException {
    Callback.Completable sent = new Callback.Completable();
    session.sendText(frame, sent);
    sent.get(SEND_TIMEOUT_MS, TimeUnit.MILLISECONDS);
  }

  private void over() {
    RowFeed last;
    synchronized (this) {
      closed = true;
      last = feed;
      feed = null;
      notifyAll();
    }
    hub.ticker().remove(this);
    if (look != null) look.close();
    if (last != null) last.close();
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    over();
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    over();
  }
}
