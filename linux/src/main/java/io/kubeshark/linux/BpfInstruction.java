package io.kubeshark.linux;

/**
 * One instruction of classic BPF as a long, which in memory is the kernel's struct sock_filter (linux/filter.h).
 *
 * <pre>
 *   bits 0–15 operation   16–23 jump if true   24–31 jump if false   32–63 k
 * </pre>
 */
public final class BpfInstruction {
  public static final int LOAD_HALF_ABSOLUTE = 0x28;
  public static final int LOAD_BYTE_ABSOLUTE = 0x30;
  public static final int JUMP = 0x05;
  public static final int JUMP_IF_EQUAL = 0x15;
  public static final int RETURN = 0x06;

  /** Offsets from here on are facts about the packet, not bytes of it (SKF_AD_OFF). */
  public static final int ANCILLARY = -0x1000;
  public static final int ANCILLARY_PACKET_TYPE = ANCILLARY + 4;
  public static final int ANCILLARY_HARDWARE_TYPE = ANCILLARY + 28;
  /** Offsets from here on count from the network header (SKF_NET_OFF). */
  public static final int NETWORK = -0x100000;

  private static final int CLASS_MASK = 7;
  private static final int MODE_MASK = 0xe0;

  private BpfInstruction() {}

  public static long of(int operation, int jumpTrue, int jumpFalse, int k) {
    return (operation & 0xffffL) | (jumpTrue & 0xffL) << 16 | (jumpFalse & 0xffL) << 24 | (long) k << 32;
  }

  public static long of(int operation, int k) {
    return of(operation, 0, 0, k);
  }

  public static int operation(long instruction) {
    return (int) instruction & 0xffff;
  }

  public static int jumpTrue(long instruction) {
    return (int) (instruction >>> 16) & 0xff;
  }

  public static int jumpFalse(long instruction) {
    return (int) (instruction >>> 24) & 0xff;
  }

  public static int k(long instruction) {
    return (int) (instruction >>> 32);
  }

  /** The instruction with its packet offset, if it has one, counted from the network header. */
  public static long fromNetworkHeader(long instruction) {
    int operation = operation(instruction);
    int mode = operation & MODE_MASK;
    boolean load = (operation & CLASS_MASK) <= 1; // LD, LDX
    boolean fromPacket = mode == 0x20 || mode == 0x40 || mode == 0xa0; // ABS, IND, MSH
    if (!load || !fromPacket || k(instruction) < 0) return instruction;
    return of(operation, jumpTrue(instruction), jumpFalse(instruction), k(instruction) + NETWORK);
  }
}
