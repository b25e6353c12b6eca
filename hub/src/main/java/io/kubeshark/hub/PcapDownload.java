package io.kubeshark.hub;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kubeshark.wire.proto.Credit;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.Failed;
import io.kubeshark.wire.proto.GetPcap;
import io.kubeshark.wire.proto.PcapChunk;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * One worker's packets, by time, block by block: pcapng by a WebSocket of its own. The worker sends no more than it has credit for, so that
 * what waits here is bounded, and no thread of Jetty's waits for the reader. One reading thread.
 */
public final class PcapDownload implements Session.Listener.AutoDemanding, AutoCloseable { // public: Jetty looks its methods up
  static final int SECTION = 0x0a0d0d0a;
  static final int INTERFACE = 1;
  static final int PACKET = 6;
  /** The largest packet and what is around it, generously. */
  private static final int BLOCK_BYTES_MAX = 1 << 20;
  private static final int BLOCK_BYTES_MIN = 12;
  private static final long ID = 1;
  /** A worker first writes what was chosen to its disk. */
  static final long FIRST_ANSWER_MS = 60_000;
  private static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final WorkerConnection worker;
  private final LinkedBlockingQueue<Envelope> frames = new LinkedBlockingQueue<>(); // of credit's bytes at most, and an end
  private Session session;
  private byte[] buffer = new byte[64 << 10];
  private int at;
  private int end;
  private int blockLength;
  private long timeNs;
  private boolean done;
  private List<String> missing = List.of();
  private int[] linkTypes = new int[0];

  PcapDownload(WorkerConnection worker) {
    this.worker = worker;
  }

  /** Asks, and waits for the first packet. @param wanted but for its id @return whether there is one */
  boolean open(GetPcap wanted) throws ApiError {
    try {
      session = worker.connect(this);
    } catch (IOException e) {
      throw new ApiError(503, "worker-unavailable", e.getMessage());
    } catch (InterruptedException e) {
      throw stopping();
    }
    send(Envelope.newBuilder().setGetPcap(wanted.toBuilder().setId(ID)).build());
    return next(FIRST_ANSWER_MS);
  }

  private static ApiError stopping() {
    Thread.currentThread().interrupt();
    return new ApiError(503, "stopping", "the hub is being stopped");
  }

  private static ApiError broken(String why) {
    return new ApiError(502, "download-broken", why);
  }

  WorkerConnection worker() {
    return worker;
  }

  /** Goes on to the next packet. @return false: there is none */
  boolean next() throws ApiError {
    return next(Source.ANSWER_TIMEOUT_MS);
  }

  private boolean next(long timeoutMs) throws ApiError {
    at += blockLength;
    blockLength = 0;
    while (need(BLOCK_BYTES_MIN, timeoutMs)) {
      int length = i32(4);
      if (length < BLOCK_BYTES_MIN || length > BLOCK_BYTES_MAX || (length & 3) != 0) throw broken("what the worker sends is not pcapng");
      if (!need(length, timeoutMs)) break;
      switch (i32(0)) {
        case PACKET -> {
          timeNs = (long) i32(12) << 32 | i32(16) & 0xffffffffL;
          blockLength = length;
          return true;
        }
        case INTERFACE -> {
          linkTypes = Arrays.copyOf(linkTypes, linkTypes.length + 1);
          linkTypes[linkTypes.length - 1] = (short) LE16.get(buffer, at + 8) & 0xffff;
        }
        default -> {} // the section's header: this file has its own
      }
      at += length;
    }
    if (at < end) throw broken("the worker's file ends within a block");
    return false;
  }

  /** @return whether so many bytes are there */
  private boolean need(int bytes, long timeoutMs) throws ApiError {
    while (end - at < bytes) {
      if (done) return false;
      PcapChunk chunk = chunk(timeoutMs);
      int length = chunk.getData().size();
      if (buffer.length - end < length) {
        byte[] roomy = end - at + length <= buffer.length ? buffer : new byte[Math.max(2 * buffer.length, end - at + length)];
        System.arraycopy(buffer, at, roomy, 0, end - at);
        buffer = roomy;
        end -= at;
        at = 0;
      }
      chunk.getData().copyTo(buffer, end);
      end += length;
      done = chunk.getDone();
      if (done) missing = List.copyOf(chunk.getMissingList());
      else if (length > 0) send(Envelope.newBuilder().setCredit(Credit.newBuilder().setSubscription(ID).setBytes(length)).build());
    }
    return true;
  }

  private PcapChunk chunk(long timeoutMs) throws ApiError {
    try {
      Envelope frame = frames.poll(timeoutMs, TimeUnit.MILLISECONDS);
      if (frame == null) throw new ApiError(504, "worker-timeout", "the worker sent nothing for " + timeoutMs + " ms");
      if (frame.hasFailed()) throw new ApiError(frame.getFailed().getCode().equals("unavailable") ? 503 : 502, frame.getFailed().getCode(), frame.getFailed().getText());
      return frame.getPcapChunk();
    } catch (InterruptedException e) {
      throw stopping();
    }
  }

  private int i32(int offset) {
    return (int) LE32.get(buffer, at + offset);
  }

  /** The packet's block, valid until {@link #next}. */
  byte[] array() {
    return buffer;
  }

  int offset() {
    return at;
  }

  int length() {
    return blockLength;
  }

  long timeNs() {
    return timeNs;
  }

  /** Number of the worker's interface. */
  int interfaceId() {
    return i32(8);
  }

  int linkType() throws ApiError {
    int id = interfaceId();
    if (id < 0 || id >= linkTypes.length) throw broken("the worker's file names an interface that it does not describe");
    return linkTypes[id];
  }

  int capturedLength() {
    return Math.clamp(i32(20), 0, blockLength - 32);
  }

  int wireLength() {
    return i32(24);
  }

  /** What the worker says is missing; known at the end. */
  List<String> missing() {
    return missing;
  }

  private void send(Envelope frame) {
    session.sendBinary(ByteBuffer.wrap(frame.toByteArray()), Callback.NOOP); // if it breaks, the end of the connection is told
  }

  /** Others are read, and this one is not given up meanwhile. */
  void ping() {
    session.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
  }

  @Override
  public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
    try {
      Envelope frame = Envelope.parseFrom(payload);
      if (frame.hasPcapChunk() || frame.hasFailed()) frames.add(frame);
    } catch (InvalidProtocolBufferException e) {
      gone("the worker sent what is not an Envelope");
    }
    callback.succeed();
  }

  @Override
  public void onWebSocketClose(int code, String reason, Callback callback) {
    gone("the worker closed the connection" + (reason == null || reason.isEmpty() ? "" : ": " + reason));
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    gone("the connection to the worker broke: " + cause.getMessage());
  }

  private void gone(String why) {
    frames.add(Envelope.newBuilder().setFailed(Failed.newBuilder().setCode("download-broken").setText(why)).build());
  }

  @Override
  public void close() {
    if (session != null) session.disconnect();
  }
}
