package io.kubeshark.hub;

import io.kubeshark.wire.proto.Entries;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.HistoryEnd;
import io.kubeshark.wire.proto.Subscribe;

/** Where entries come from: a worker, or the hub's own ring of Kubernetes events. All speak the messages of {@code wire}. Any thread. */
interface Source {
  /** How long an answer may take. */
  long ANSWER_TIMEOUT_MS = 15_000;

  /** One live subscription's end at the hub. Called in the order of the frames, on a thread that must not wait. */
  interface Receiver {
    void onEntries(WorkerView worker, Entries entries);

    void onHistoryEnd(HistoryEnd end);

    void onFailed(Failed failed);

    /** The connection broke: nothing more comes by it. */
    void onGone();

    /** There is a connection, for the first time or again. */
    void onConnected(WorkerView worker);

    /** The first try of this time failed; more follow. */
    void onUnreachable();
  }

  interface Frames {
    /** @return whether more frames are wanted and come */
    boolean onFrame(Envelope frame) throws ApiError;
  }

  /** First part of its entries' ids; "" for a worker that has not said it yet. */
  String name();

  /** What it said of itself when it was last there; null before the first time. */
  WorkerView view();

  boolean connected();

  /** Whether it is known that there is a connection, or that there will be none soon. */
  boolean settled();

  /** Why there is no connection. */
  String problem();

  /** A number for a question or a subscription. */
  long newId();

  /** Keeps a receiver, through reconnects, until {@link #unsubscribe}. */
  void register(long id, Receiver receiver);

  void subscribe(Subscribe subscribe);

  void unsubscribe(long id);

  void grant(long id, long bytes);

  /** Asks, and waits for the answer, which may be many frames. The question carries {@code id}. Called on threads that may wait. */
  void ask(long id, Envelope question, long timeoutMs, Frames frames) throws ApiError;

  default void ask(long id, Envelope question, Frames frames) throws ApiError {
    ask(id, question, ANSWER_TIMEOUT_MS, frames);
  }
}
