package io.kubeshark.worker;

import io.kubeshark.linux.NetworkDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What each of the node's interfaces shows, and the node's own addresses. Read from the kernel when an unknown interface appears, and from
 * time to time; any thread asks, one at a time reads. Asking neither locks nor allocates.
 */
final class NodeInterfaces {
  /** What never leaves the node. */
  static final int LOOPBACK = 1;
  /** Shows again what others show: a bridge its ports, hardware what the bond or bridge above it does. */
  static final int COPY = 2;
  /** Way out of the node, a tunnel included: shows what the node itself sends and receives, and what it forwards. */
  static final int UPLINK = 3;
  /** Way into a pod: its address is the source of what comes in, the destination of what goes out. */
  static final int POD_SIDE = 4;

  /** After an unknown interface made it read: not again sooner. */
  static final long PAUSE_NS = 200_000_000L;
  static final long PERIOD_NS = 10_000_000_000L;

  /** An interface with its addresses, 16 bytes each as two numbers. */
  record Interface(NetworkDevice device, List<long[]> addresses) {}

  /** Reads the kernel's list. */
  interface Reader {
    List<Interface> read() throws IOException;
  }

  private record Snapshot(IntMap kinds, AddressSet own, List<Interface> interfaces) {}

  private final Reader reader;
  private final long hostHigh;
  private final long hostLow;
  private final AtomicBoolean reading = new AtomicBoolean();
  private volatile Snapshot snapshot = new Snapshot(new IntMap(0), new AddressSet(0), List.of());
  private volatile long readAtNs = Long.MIN_VALUE;

  /** @param hostAddress the node's primary address, 4 or 16 bytes */
  NodeInterfaces(Reader reader, byte[] hostAddress) {
    this.reader = reader;
    long[] host = address(hostAddress);
    hostHigh = host[0];
    hostLow = host[1];
  }

  /** Of the calling process's network namespace. */
  static List<Interface> ofKernel() throws IOException {
    Map<Integer, List<long[]>> addresses = new HashMap<>();
    NetworkInterface.networkInterfaces().forEach(each -> addresses.put(each.getIndex(),
        each.inetAddresses().map(InetAddress::getAddress).map(NodeInterfaces::address).toList()));
    return NetworkDevice.all(NetworkDevice.SYSFS).stream()
        .map(device -> new Interface(device, addresses.getOrDefault(device.index(), List.of()))).toList();
  }

  /** Two halves; IPv4 mapped. */
  static long[] address(byte[] bytes) {
    if (bytes.length == 4) return new long[] {0, io.kubeshark.core.IpAddress.V4_MAPPED_LOW_PREFIX | ByteBuffer.wrap(bytes).getInt() & 0xffffffffL};
    ByteBuffer both = ByteBuffer.wrap(bytes);
    return new long[] {both.getLong(), both.getLong()};
  }

  long hostHigh() {
    return hostHigh;
  }

  long hostLow() {
    return hostLow;
  }

  /**
   * One of the four kinds. An interface that appeared a moment ago and cannot be read yet is taken for a pod's: its packets are taken by
   * address, and new bridges and uplinks are rare.
   */
  int kind(int index, long nowNs) {
    int kind = snapshot.kinds.get(index);
    if (kind != 0 && nowNs - readAtNs < PERIOD_NS) return kind;
    if (kind != 0 || nowNs - readAtNs >= PAUSE_NS || readAtNs == Long.MIN_VALUE) {
      read(nowNs);
      kind = snapshot.kinds.get(index);
    }
    return kind == 0 ? POD_SIDE : kind;
  }

  /** Whether one of the node's interfaces has this address. */
  boolean own(long high, long low) {
    return snapshot.own.contains(high, low);
  }

  /** As last read. */
  List<Interface> list() {
    return snapshot.interfaces;
  }

  /** What cannot be read stays as it was. */
  void read(long nowNs) {
    if (!reading.compareAndSet(false, true)) return;
    try {
      snapshot = classified(reader.read());
    } catch (IOException e) {
      System.getLogger(NodeInterfaces.class.getName()).log(System.Logger.Level.WARNING, "network interfaces cannot be read: " + e.getMessage());
    } finally {
      readAtNs = nowNs;
      reading.set(false);
    }
  }

  private Snapshot classified(List<Interface> interfaces) {
    IntMap kinds = new IntMap(interfaces.size());
    AddressSet own = new AddressSet(interfaces.stream().mapToInt(each -> each.addresses.size()).sum());
    own.add(hostHigh, hostLow);
    for (Interface each : interfaces) {
      kinds.put(each.device.index(), kindOf(each));
      if (!each.device.loopback()) for (long[] address : each.addresses) own.add(address[0], address[1]);
    }
    return new Snapshot(kinds, own, List.copyOf(interfaces));
  }

  int kindOf(Interface each) {
    NetworkDevice device = each.device;
    for (long[] address : each.addresses) if (address[0] == hostHigh && address[1] == hostLow) return UPLINK;
    if (device.loopback()) return LOOPBACK;
    if (device.bridge()) return COPY;
    if (device.physical()) return device.enslaved() ? COPY : UPLINK;
    return device.tunnel() || device.type().equals("bond") || device.type().equals("vlan") ? UPLINK : POD_SIDE;
  }

  /** Open addressing, at most half full; 0 is no value. */
  static final class IntMap {
    private final int[] keys;
    private final int[] values;

    IntMap(int size) {
      int capacity = Integer.highestOneBit(Math.max(4, size) * 2 - 1) * 2;
      keys = new int[capacity];
      values = new int[capacity];
    }

    void put(int key, int value) {
      int at = slot(key);
      keys[at] = key;
      values[at] = value;
    }

    int get(int key) {
      return values[slot(key)];
    }

    private int slot(int key) {
      int at = key * 0x9e3779b9 >>> 8 & keys.length - 1;
      while (values[at] != 0 && keys[at] != key) at = at + 1 & keys.length - 1;
      return at;
    }
  }

  /** Open addressing, at most half full. The unspecified address (::) is in none. */
  static final class AddressSet {
    private final long[] halves;
    private final int mask;

    AddressSet(int size) {
      int capacity = Integer.highestOneBit(Math.max(4, size + 1) * 2 - 1) * 2;
      halves = new long[capacity * 2];
      mask = capacity - 1;
    }

    void add(long high, long low) {
      int at = slot(high, low);
      halves[at] = high;
      halves[at + 1] = low;
    }

    boolean contains(long high, long low) {
      return (high | low) != 0 && (halves[slot(high, low)] | halves[slot(high, low) + 1]) != 0;
    }

    private int slot(long high, long low) {
      int at = (int) ((high ^ low) * 0x9e3779b97f4a7c15L >>> 32) & mask;
      while ((halves[2 * at] | halves[2 * at + 1]) != 0 && (halves[2 * at] != high || halves[2 * at + 1] != low)) at = at + 1 & mask;
      return 2 * at;
    }
  }
}
