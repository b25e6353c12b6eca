package io.kubeshark.reassembly;

import static io.kubeshark.reassembly.Frames.*;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketTap;
import io.kubeshark.core.StreamHandler;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * HTTP keep-alive on 64 connections, five packets an exchange: nanoseconds and allocated bytes per packet, warm. Not a test; run its main.
 * Frames are built before, and moved on by their sequence numbers between two passes.
 */
final class ReassemblerBench {
  private static final int CONNECTIONS = 64;
  private static final int EXCHANGES = 10;
  private static final int PASSES = 1000;
  private static final int SEQUENCE_AT = 14 + 20 + 4;

  private static final class Sink implements StreamHandler {
    long bytes;

    @Override public void onOpen(Connection c) {}

    @Override public void onData(Connection c, int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
      bytes += length;
    }

    @Override public void onGap(Connection c, int end, long position, long length, long timeNs) {
      throw new IllegalStateException("a gap of " + length + " bytes at " + position);
    }

    @Override public void onDatagram(Connection c, int end, byte[] array, int offset, int length, int wireLength, long timeNs) {}

    @Override public void onEnd(Connection c, int end, long timeNs) {}

    @Override public void onClose(Connection c, long timeNs) {}

    @Override public void onTime(long timeNs) {}
  }

  public static void main(String[] args) {
    byte[] request = new byte[150];
    byte[] answer = new byte[1100];
    List<byte[]> frames = new ArrayList<>();
    for (int x = 0; x < EXCHANGES; x++) {
      for (int c = 0; c < CONNECTIONS; c++) {
        int q = 1 + x * request.length;
        int a = 1 + x * 2 * answer.length;
        int q2 = q + request.length;
        frames.add(frame(c, 0, q, a, request));
        frames.add(frame(c, 1, a, q2, NOTHING));
        frames.add(frame(c, 1, a, q2, answer));
        frames.add(frame(c, 1, a + answer.length, q2, answer));
        frames.add(frame(c, 0, q2, a + 2 * answer.length, NOTHING));
      }
    }
    Sink sink = new Sink();
    Reassembler reassembler = new Reassembler(0, ReassemblyLimits.DEFAULT, sink, PacketTap.NONE);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    long timeNs = 1_700_000_000_000_000_000L;
    for (int pass = 0; pass < PASSES; pass++) {
      long allocated = threads.getThreadAllocatedBytes(thread);
      long start = threads.getCurrentThreadCpuTime(); // not the wall clock: others may run on this machine
      for (int i = 0; i < frames.size(); i++) {
        byte[] frame = frames.get(i);
        reassembler.onPacket(frame, 0, frame.length, frame.length, timeNs += 2_000, LinkType.ETHERNET, 2, -1, 0);
      }
      long took = threads.getCurrentThreadCpuTime() - start;
      allocated = threads.getThreadAllocatedBytes(thread) - allocated;
      if (pass % 200 == 199 || pass == 0) {
        System.out.printf("pass %2d: %5.1f ns and %.3f bytes allocated per packet%n", pass + 1, (double) took / frames.size(),
            (double) allocated / frames.size());
      }
      for (byte[] frame : frames) moveOn(frame, EXCHANGES * request.length, EXCHANGES * 2 * answer.length);
    }
    if (sink.bytes != (long) PASSES * EXCHANGES * CONNECTIONS * (request.length + 2 * answer.length)) throw new IllegalStateException("bytes are missing");
  }

  private static byte[] frame(int c, int end, int sequence, int acknowledgment, byte[] payload) {
    String client = "10.0.1." + c;
    byte[] segment = tcp(end == 0 ? 40_000 + c : 80, end == 0 ? 80 : 40_000 + c, sequence, acknowledgment, ACK | PSH, payload);
    return ethernet(ipv4(end == 0 ? client : Rig.B, end == 0 ? Rig.B : client, 6, segment));
  }

  private static void moveOn(byte[] frame, int client, int server) {
    boolean fromServer = frame[14 + 20] == 0; // port 80
    add(frame, SEQUENCE_AT, fromServer ? server : client);
    add(frame, SEQUENCE_AT + 4, fromServer ? client : server);
  }

  private static void add(byte[] frame, int at, int count) {
    var buffer = java.nio.ByteBuffer.wrap(frame);
    buffer.putInt(at, buffer.getInt(at) + count);
  }
}
