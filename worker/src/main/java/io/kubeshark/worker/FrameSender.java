package io.kubeshark.worker;

import io.kubeshark.wire.proto.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** Sends envelopes, one after the other; the caller waits until its frame is with the kernel, so that nothing queues up in memory. */
final class FrameSender {
  /** A peer that takes nothing for so long is gone. */
  private static final long SEND_TIMEOUT_MS = 30_000;

  private final Session session;
  private final ReentrantLock lock = new ReentrantLock();

  FrameSender(Session session) {
    this.session = session;
  }

  void send(Envelope envelope) throws IOException {
    Callback.Completable sent = new Callback.Completable();
    lock.lock();
    try {
      session.sendBinary(ByteBuffer.wrap(envelope.toByteArray()), sent);
      sent.get(SEND_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the hub's connection broke: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      session.disconnect();
      throw new IOException("the hub took nothing for " + SEND_TIMEOUT_MS + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }
}
