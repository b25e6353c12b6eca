package io.kubeshark.capture;

import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.linux.EventFd;
import io.kubeshark.linux.NetworkNamespace;
import io.kubeshark.linux.PollSet;
import io.kubeshark.linux.SystemCallException;
import io.kubeshark.linux.WallClock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Live packets of this machine: one thread's share of them, through one kernel ring for each interface (AF_PACKET, TPACKET_V3).
 *
 * <p>Over loopback each packet is handed over once. Frames of interfaces that are not Ethernet begin with their IP header. What the
 * kernel dropped is told once a second as {@link LedgerCode#KERNEL_DROP}. When nothing comes, {@code onTime} tells the time every
 * {@value #IDLE_TICK_MS} ms, a little late, so that packets still in the ring are not older than the time told.
 */
public final class AfPacketSource implements PacketSource {
  static final int IDLE_TICK_MS = 100;
  private static final long STATISTICS_PERIOD_NS = 1_000_000_000L;
  private static final long TIME_LAG_NS = 2L * Ring.RETIRE_MS * 1_000_000;
  /** Of one ring, before the next ring's turn. */
  private static final int BLOCKS_PER_TURN_MAX = 8;

  private final AfPacketOptions options;
  private final List<Ring> rings;
  /** Written under {@link #polling}. */
  private long[] filter;
  private final EventFd wake;
  private final RingBlock block;
  private final Notes notes = new Notes();
  /** Held while polling, so that no ring is unmapped under the reader. */
  private final ReentrantLock polling = new ReentrantLock();
  private PollSet pollSet;
  private List<Ring> polled = List.of();
  private long lastNewsNs = System.nanoTime();
  private long lastStatisticsNs = System.nanoTime();
  private long dropsTold;
  private volatile long packets;
  private volatile long wireBytes;
  private volatile long unsupportedLinkPackets;
  private volatile boolean closed;
  private boolean released;

  private AfPacketSource(AfPacketOptions options, long[] filter) throws IOException {
    this.options = options;
    this.filter = filter;
    this.rings = options.interfaces().stream().map(name -> new Ring(name, ringBytes(options))).toList();
    this.block = new RingBlock(Ring.blockBytes(ringBytes(options)));
    this.wake = EventFd.open();
  }

  /**
   * Opens as many sources as the options ask for threads, all or none. They share the packets by flow.
   *
   * @throws CaptureException if capturing is not allowed, an interface does not exist, or the kernel lacks memory
   * @throws io.kubeshark.linux.BpfFilterException if the filter cannot be used
   */
  public static List<AfPacketSource> open(AfPacketOptions options) throws IOException {
    long[] filter = RingFilter.compile(options.filter(), options.snapLength());
    List<AfPacketSource> sources = new ArrayList<>();
    try {
      for (int i = 0; i < options.threads(); i++) sources.add(new AfPacketSource(options, filter));
      NetworkNamespace.call(options.networkNamespace(), () -> {
        // The rings of one interface make a group; the first source's ring founds it.
        for (AfPacketSource source : sources) source.openRings(sources.getFirst());
        return null;
      });
      for (AfPacketSource source : sources) source.start();
      return sources;
    } catch (IOException | RuntimeException e) {
      sources.forEach(AfPacketSource::close);
      if (e instanceof SystemCallException refused) throw explained(refused, options);
      throw e;
    }
  }

  /**
   * Another capture filter from now on, without a moment in between. Any thread.
   *
   * @param expression pcap-filter(7), null: all packets
   * @throws io.kubeshark.linux.BpfFilterException if it cannot be used: then the one before stays
   */
  public void filter(String expression) throws IOException {
    long[] compiled = RingFilter.compile(expression, options.snapLength());
    polling.lock();
    try {
      filter = compiled;
      for (Ring ring : rings) if (ring.isOpen()) ring.start(compiled);
    } finally {
      polling.unlock();
    }
  }

  private void openRings(AfPacketSource first) throws IOException {
    for (int i = 0; i < rings.size(); i++) rings.get(i).open(options.threads() > 1, first.rings.get(i).fanoutGroup());
  }

  private void start() throws SystemCallException {
    for (Ring ring : rings) ring.start(filter);
    watchOpenRings();
  }

  private static long ringBytes(AfPacketOptions options) {
    return options.ringBytes() / ((long) options.threads() * options.interfaces().size());
  }

  private static CaptureException explained(SystemCallException e, AfPacketOptions options) {
    if (e.call().equals("setns")) {
      return new CaptureException("entering another network namespace needs root or CAP_SYS_ADMIN (" + e.getMessage() + ")", e);
    }
    String message = switch (e.errno()) {
      case SystemCallException.EPERM, SystemCallException.EACCES -> "kubeshark needs root or CAP_NET_RAW to capture: run it with sudo, or give the"
          + " container the capability NET_RAW";
      case SystemCallException.ENOMEM -> "the kernel has no " + (options.ringBytes() >> 20) + " MiB for the capture ring: ask for a smaller one";
      case SystemCallException.EAFNOSUPPORT -> "this kernel has no packet sockets (CONFIG_PACKET): capture on the machine itself, not in a sandbox";
      default -> "packets cannot be captured";
    };
    return new CaptureException(message + " (" + e.getMessage() + ")", e);
  }

  @Override
  public int poll(PacketHandler handler, int timeoutMs) throws IOException {
    polling.lock();
    try {
      if (released) return END;
      long begin = System.nanoTime();
      while (!closed) {
        int handed = drain(handler);
        long now = System.nanoTime();
        housekeep(handler, handed, now);
        long leftMs = timeoutMs - (now - begin) / 1_000_000;
        if (handed > 0 || leftMs <= 0) return handed;
        await((int) Math.min(leftMs, IDLE_TICK_MS));
      }
      tellDrops(handler);
      release();
      return END;
    } finally {
      polling.unlock();
    }
  }

  private int drain(PacketHandler handler) {
    int handed = 0;
    for (Ring ring : polled) {
      for (int i = 0; i < BLOCKS_PER_TURN_MAX && !closed && ring.take(block); i++) handed += block.deliver(handler);
    }
    if (handed > 0) {
      packets = block.packets;
      wireBytes = block.wireBytes;
      unsupportedLinkPackets = block.unsupportedLinkPackets;
    }
    return handed;
  }

  private void housekeep(PacketHandler handler, int handed, long now) throws IOException {
    if (handed > 0) {
      lastNewsNs = now;
    } else if (now - lastNewsNs >= IDLE_TICK_MS * 1_000_000L) {
      lastNewsNs = now;
      handler.onTime(WallClock.nowNs() - TIME_LAG_NS);
    }
    if (now - lastStatisticsNs < STATISTICS_PERIOD_NS) return;
    lastStatisticsNs = now;
    tellDrops(handler);
    if (polled.size() < rings.size()) reopenRings();
  }

  private void tellDrops(PacketHandler handler) throws SystemCallException {
    for (Ring ring : polled) ring.takeCounts();
    long drops = 0;
    for (Ring ring : rings) drops += ring.counts().droppedPackets();
    if (drops > dropsTold) handler.onLost(LedgerCode.KERNEL_DROP, drops - dropsTold, 0);
    dropsTold = drops;
  }

  private void await(int timeoutMs) throws IOException {
    if (pollSet.await(timeoutMs) == 0) return;
    boolean gone = false;
    for (int i = 0; i < polled.size(); i++) {
      if (!pollSet.failed(i) || !polled.get(i).interfaceGone()) continue;
      notes.add("interface " + polled.get(i).name + " went away; it is captured again when it comes back");
      polled.get(i).takeCounts();
      polled.get(i).close();
      gone = true;
    }
    if (gone) watchOpenRings();
  }

  private void watchOpenRings() {
    polled = rings.stream().filter(Ring::isOpen).toList();
    int[] descriptors = new int[polled.size() + 1];
    for (int i = 0; i < polled.size(); i++) descriptors[i] = polled.get(i).descriptor();
    descriptors[polled.size()] = wake.descriptor();
    pollSet = new PollSet(descriptors);
  }

  /** The fanout group of an interface that was away may still hold other threads' rings of the old one: then it works a second later. */
  private void reopenRings() throws IOException {
    NetworkNamespace.call(options.networkNamespace(), () -> {
      for (Ring ring : rings) {
        if (ring.isOpen()) continue;
        try {
          ring.open(options.threads() > 1, ring.fanoutGroup());
          ring.start(filter);
        } catch (IOException e) {
          // Still away.
        }
      }
      return null;
    });
    watchOpenRings();
  }

  private void release() {
    released = true;
    rings.forEach(Ring::close);
    polled = List.of();
    wake.close();
  }

  @Override
  public CaptureStatistics statistics() {
    return new CaptureStatistics(packets, wireBytes, 0, unsupportedLinkPackets, rings.stream().map(Ring::counts).toList());
  }

  @Override
  public List<String> notes() {
    return notes.list();
  }

  /** A thread inside {@link #poll} gets the last drops and the end; packets still in the rings are not handed over. */
  @Override
  public void close() {
    closed = true;
    wake.signal();
    if (polling.isHeldByCurrentThread()) return; // from within the handler: poll releases
    polling.lock();
    try {
      if (!released) release();
    } finally {
      polling.unlock();
    }
  }
}
