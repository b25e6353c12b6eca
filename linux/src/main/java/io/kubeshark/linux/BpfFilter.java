package io.kubeshark.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A compiled capture filter (pcap-filter(7)): its instructions for the kernel, and an interpreter of them for packets out of files
 * (McCanne and Jacobson, "The BSD Packet Filter", 1993; libpcap's bpf_filter.c). The interpreter is one thread's.
 */
public final class BpfFilter {
  private static final VarHandle BE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle BE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final int MEMORY_WORDS = 16;
  /** Only the protochain primitive jumps back; a packet that keeps it busy longer does not match. */
  private static final int STEPS_MAX = 1 << 16;

  private final String expression;
  private final long[] instructions;
  private final int[] memory = new int[MEMORY_WORDS];

  BpfFilter(String expression, long[] instructions) {
    this.expression = expression;
    this.instructions = instructions;
  }

  /**
   * @param linkType of the packets that it will see, {@link io.kubeshark.core.LinkType}
   * @param snapLength how many bytes of a matching packet the kernel keeps
   * @throws BpfFilterException with libpcap's own words, or because libpcap is not installed
   */
  public static BpfFilter compile(String expression, int linkType, int snapLength) throws BpfFilterException {
    return new BpfFilter(expression, Libpcap.loaded().compile(expression, linkType, snapLength));
  }

  /** Each a {@link BpfInstruction}. */
  public long[] instructions() {
    return instructions.clone();
  }

  @Override
  public String toString() {
    return expression + " " + Arrays.toString(instructions);
  }

  /** Whether the filter accepts a frame. A packet too short for a question that the filter asks does not match. */
  public boolean matches(byte[] array, int offset, int capturedLength, int wireLength) {
    int a = 0;
    int x = 0;
    int pc = 0;
    for (int step = 0; step < STEPS_MAX && pc >= 0 && pc < instructions.length; step++) {
      long instruction = instructions[pc++];
      int operation = BpfInstruction.operation(instruction);
      int k = BpfInstruction.k(instruction);
      switch (operation & 7) {
        case 0 -> { // LD
          if ((operation & 0xe0) == 0x20 || (operation & 0xe0) == 0x40) { // ABS, IND
            long at = (k & 0xffffffffL) + ((operation & 0xe0) == 0x40 ? x & 0xffffffffL : 0);
            int size = (operation & 0x18) == 0 ? 4 : (operation & 0x18) == 0x08 ? 2 : 1;
            if (at + size > capturedLength) return false;
            a = load(array, offset + (int) at, size);
          } else a = loadOther(operation, k, wireLength);
        }
        case 1 -> { // LDX
          if ((operation & 0xe0) == 0xa0) { // MSH: 4 * (header length nibble)
            if ((k & 0xffffffffL) + 1 > capturedLength) return false;
            x = (array[offset + k] & 0xf) << 2;
          } else x = loadOther(operation, k, wireLength);
        }
        case 2 -> memory[k & MEMORY_WORDS - 1] = a;
        case 3 -> memory[k & MEMORY_WORDS - 1] = x;
        case 4 -> { // ALU
          int operand = (operation & 8) != 0 ? x : k;
          if (operand == 0 && ((operation & 0xf0) == 0x30 || (operation & 0xf0) == 0x90)) return false; // by zero
          a = compute(operation & 0xf0, a, operand);
        }
        case 5 -> { // JMP
          if ((operation & 0xf0) == 0) pc += k;
          else if (holds(operation & 0xf0, a, (operation & 8) != 0 ? x : k)) pc += BpfInstruction.jumpTrue(instruction);
          else pc += BpfInstruction.jumpFalse(instruction);
        }
        case 6 -> {
          return ((operation & 0x18) == 0x10 ? a : k) != 0;
        }
        default -> { // MISC
          if ((operation & 0xf8) == 0x80) a = x;
          else x = a;
        }
      }
    }
    return false;
  }

  private static int load(byte[] array, int at, int size) {
    if (size == 4) return (int) BE32.get(array, at);
    if (size == 2) return (short) BE16.get(array, at) & 0xffff;
    return array[at] & 0xff;
  }

  private int loadOther(int operation, int k, int wireLength) {
    return switch (operation & 0xe0) {
      case 0x00 -> k; // IMM
      case 0x60 -> memory[k & MEMORY_WORDS - 1]; // MEM
      default -> wireLength; // LEN
    };
  }

  private static int compute(int operation, int a, int operand) {
    return switch (operation) {
      case 0x00 -> a + operand;
      case 0x10 -> a - operand;
      case 0x20 -> a * operand;
      case 0x30 -> Integer.divideUnsigned(a, operand);
      case 0x40 -> a | operand;
      case 0x50 -> a & operand;
      case 0x60 -> Integer.compareUnsigned(operand, 32) < 0 ? a << operand : 0;
      case 0x70 -> Integer.compareUnsigned(operand, 32) < 0 ? a >>> operand : 0;
      case 0x80 -> -a;
      case 0x90 -> Integer.remainderUnsigned(a, operand);
      default -> a ^ operand;
    };
  }

  private static boolean holds(int operation, int a, int operand) {
    return switch (operation) {
      case 0x10 -> a == operand;
      case 0x20 -> Integer.compareUnsigned(a, operand) > 0;
      case 0x30 -> Integer.compareUnsigned(a, operand) >= 0;
      default -> (a & operand) != 0;
    };
  }
}
