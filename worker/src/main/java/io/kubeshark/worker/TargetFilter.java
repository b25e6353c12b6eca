package io.kubeshark.worker;

import io.kubeshark.core.IpAddress;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Takes each packet of a targeted pod once and books the others (ADR 6). Reads link and network headers only; {@link TakeRule} decides.
 * One for each pipeline, used by its thread only: neither locks nor allocates, but for packets of pods that are not known yet, which wait a
 * moment ({@link HeldPackets}).
 */
final class TargetFilter implements PacketHandler {
  private static final VarHandle BE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle BE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int VLAN_TAGS_MAX = 4;
  private static final int EXTENSION_HEADERS_MAX = 8;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int SCTP = 132;
  /** Datagrams whose later fragments are decided like their first, which has the ports. */
  static final int FRAGMENTED_MAX = 256;

  private final PacketHandler next;
  private final NodeInterfaces interfaces;
  private final TakeRule rule;
  private final AddressBook addresses;
  private final Ledger ledger = new Ledger();
  private final HeldPackets held = new HeldPackets();
  private final HeldPackets.Taker heldTaker = this::takeHeld;
  private Object heldVersion;
  private long nowOfHeldNs;
  private final long[] fragmentedKeys = new long[FRAGMENTED_MAX];
  private final LedgerCode[] fragmentedCodes = new LedgerCode[FRAGMENTED_MAX];
  private long taken;

  // What the headers said.
  private byte[] array;
  private int at;
  private int end;
  private boolean tagged;
  private long srcHigh;
  private long srcLow;
  private long dstHigh;
  private long dstLow;
  private int protocol;
  private int srcPort;
  private int dstPort;
  /** Of a fragment: its datagram's identification and offset in bytes; offset -1: not fragmented. */
  private int fragmentId;
  private int fragmentOffset;

  TargetFilter(PacketHandler next, NodeInterfaces interfaces, AddressBook addresses) {
    this.next = next;
    this.interfaces = interfaces;
    this.addresses = addresses;
    this.rule = new TakeRule(interfaces, addresses);
  }

  /** Of packets that were not taken: wire = accounts. */
  Ledger ledger() {
    return ledger;
  }

  /** Packets handed on. */
  long taken() {
    return taken;
  }

  @Override
  public void onPacket(
      byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    if (!held.isEmpty()) offerHeld(timeNs);
    LedgerCode code = decide(array, offset, capturedLength, timeNs, linkType, interfaceIndex, vlan, flags);
    if (code != null && rule.stranger() && !held.givenUp(rule.strangerHigh(), rule.strangerLow(), timeNs)) {
      if (held.isEmpty()) heldVersion = addresses.version();
      if (held.add(array, offset, capturedLength, wireLength, timeNs, linkType, interfaceIndex, vlan, flags)) return;
    }
    dispose(code, array, offset, capturedLength, wireLength, timeNs, linkType, interfaceIndex, vlan, flags);
  }

  private LedgerCode decide(byte[] array, int offset, int capturedLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    rule.begin();
    int kind = interfaces.kind(interfaceIndex, timeNs);
    if (kind == NodeInterfaces.COPY) return LedgerCode.SEEN_ELSEWHERE;
    if (kind == NodeInterfaces.LOOPBACK) return LedgerCode.NOT_TARGETED;
    this.array = array;
    at = offset;
    end = offset + capturedLength;
    tagged = vlan >= 0;
    LedgerCode code = read(linkType);
    return code != null ? code : decide(kind, (flags & FLAG_OUTGOING) != 0);
  }

  /** @param code null: taken */
  private void dispose(LedgerCode code, byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    if (code == null) {
      taken++;
      next.onPacket(array, offset, capturedLength, wireLength, timeNs, linkType, interfaceIndex, vlan, flags);
    } else {
      long bytes = Math.max(capturedLength, wireLength);
      ledger.wire(bytes);
      ledger.add(code, bytes, 1);
    }
  }

  /** Before anything newer is handed on, so that what waited comes in its order. */
  private void offerHeld(long nowNs) {
    Object version = addresses.version();
    if (version == heldVersion && nowNs - held.oldestNs() < HeldPackets.WAIT_NS) return;
    heldVersion = version;
    nowOfHeldNs = nowNs;
    held.offer(heldTaker);
  }

  private boolean takeHeld(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    LedgerCode code = decide(array, offset, capturedLength, timeNs, linkType, interfaceIndex, vlan, flags);
    if (rule.stranger()) {
      if (nowOfHeldNs - timeNs < HeldPackets.WAIT_NS) return false;
      held.giveUp(rule.strangerHigh(), rule.strangerLow(), nowOfHeldNs);
    }
    dispose(code, array, offset, capturedLength, wireLength, timeNs, linkType, interfaceIndex, vlan, flags);
    return true;
  }

  /** No more packets will come: what waits waits no longer. */
  void end() {
    nowOfHeldNs = Long.MAX_VALUE;
    held.offer(heldTaker);
  }

  private LedgerCode decide(int kind, boolean outgoing) {
    if (fragmentOffset < 0) return rule.decide(kind, outgoing, tagged, srcHigh, srcLow, dstHigh, dstLow, protocol, srcPort, dstPort);
    long key = mixed(mixed(srcHigh ^ Long.rotateLeft(dstHigh, 32), srcLow) ^ fragmentId, dstLow) * 4 + (kind == NodeInterfaces.UPLINK ? 2 : 0) + (outgoing ? 1 : 0);
    int slot = (int) (mixed(key, 0) >>> 56); // 8 bits: FRAGMENTED_MAX
    if (fragmentOffset > 0 && fragmentedKeys[slot] == key) return fragmentedCodes[slot];
    LedgerCode code = rule.decide(kind, outgoing, tagged, srcHigh, srcLow, dstHigh, dstLow, protocol, srcPort, dstPort);
    if (fragmentOffset == 0) {
      fragmentedKeys[slot] = key;
      fragmentedCodes[slot] = code;
    }
    return code;
  }

  private static long mixed(long a, long b) {
    return (Long.rotateLeft(a * 0x9e3779b97f4a7c15L, 31) ^ b) * 0xff51afd7ed558ccdL;
  }

  /** @return null: it is IP, and the fields are filled */
  private LedgerCode read(int linkType) {
    int type;
    switch (linkType) {
      case LinkType.ETHERNET -> {
        if (end - at < 14) return LedgerCode.MALFORMED_PACKET;
        type = u16(12);
        at += 14;
        for (int i = 0; i < VLAN_TAGS_MAX && (type == 0x8100 || type == 0x88a8 || type == 0x9100); i++) {
          if (end - at < 4) return LedgerCode.MALFORMED_PACKET;
          tagged = true;
          type = u16(2);
          at += 4;
        }
      }
      case LinkType.RAW -> type = at == end ? 0 : (array[at] & 0xf0) == 0x40 ? IPV4 : (array[at] & 0xf0) == 0x60 ? IPV6 : 0;
      default -> type = 0;
    }
    return type == IPV4 ? readIpv4() : type == IPV6 ? readIpv6() : LedgerCode.NOT_IP;
  }

  private LedgerCode readIpv4() {
    int headerLength = end - at < 20 ? 0 : (array[at] & 15) << 2;
    if (headerLength < 20 || (array[at] & 0xf0) != 0x40) return LedgerCode.MALFORMED_PACKET;
    srcHigh = 0;
    dstHigh = 0;
    srcLow = IpAddress.V4_MAPPED_LOW_PREFIX | i32(12) & 0xffffffffL;
    dstLow = IpAddress.V4_MAPPED_LOW_PREFIX | i32(16) & 0xffffffffL;
    protocol = array[at + 9] & 0xff;
    int fragment = u16(6);
    fragmentOffset = (fragment & 0x3fff) == 0 ? -1 : (fragment & 0x1fff) << 3;
    fragmentId = u16(4);
    at += headerLength;
    readPorts();
    return null;
  }

  private LedgerCode readIpv6() {
    if (end - at < 40 || (array[at] & 0xf0) != 0x60) return LedgerCode.MALFORMED_PACKET;
    srcHigh = i64(8);
    srcLow = i64(16);
    dstHigh = i64(24);
    dstLow = i64(32);
    protocol = array[at + 6] & 0xff;
    fragmentOffset = -1;
    at += 40;
    for (int i = 0; i < EXTENSION_HEADERS_MAX && end - at >= 8; i++) {
      int length;
      switch (protocol) {
        case 0, 43, 60 -> length = 8 + ((array[at + 1] & 0xff) << 3);
        case 51 -> length = (array[at + 1] & 0xff) + 2 << 2;
        case 44 -> {
          length = 8;
          if ((u16(2) & 0xfff9) != 0) {
            fragmentOffset = u16(2) & 0xfff8;
            fragmentId = i32(4);
          }
        }
        default -> {
          readPorts();
          return null;
        }
      }
      protocol = array[at] & 0xff;
      at += length;
      if (fragmentOffset > 0) break;
    }
    readPorts();
    return null;
  }

  /** 0 where there are none: other transports, later fragments. */
  private void readPorts() {
    boolean there = (protocol == TCP || protocol == UDP || protocol == SCTP) && fragmentOffset <= 0 && end - at >= 4;
    srcPort = there ? u16(0) : 0;
    dstPort = there ? u16(2) : 0;
  }

  private int u16(int distance) {
    return (short) BE16.get(array, at + distance) & 0xffff;
  }

  private int i32(int distance) {
    return (int) BE32.get(array, at + distance);
  }

  private long i64(int distance) {
    return (long) BE64.get(array, at + distance);
  }

  @Override
  public void onLost(LedgerCode code, long packets, long bytes) {
    next.onLost(code, packets, bytes);
  }

  @Override
  public void onTime(long timeNs) {
    if (!held.isEmpty()) offerHeld(timeNs);
    next.onTime(timeNs);
  }
}
