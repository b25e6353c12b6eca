package io.kubeshark.capture;

import static io.kubeshark.linux.BpfInstruction.ANCILLARY_HARDWARE_TYPE;
import static io.kubeshark.linux.BpfInstruction.ANCILLARY_PACKET_TYPE;
import static io.kubeshark.linux.BpfInstruction.JUMP;
import static io.kubeshark.linux.BpfInstruction.JUMP_IF_EQUAL;
import static io.kubeshark.linux.BpfInstruction.LOAD_BYTE_ABSOLUTE;
import static io.kubeshark.linux.BpfInstruction.LOAD_HALF_ABSOLUTE;
import static io.kubeshark.linux.BpfInstruction.RETURN;
import static io.kubeshark.linux.BpfInstruction.of;

import io.kubeshark.core.LinkType;
import io.kubeshark.linux.BpfFilter;
import io.kubeshark.linux.BpfFilterException;
import io.kubeshark.linux.BpfInstruction;
import io.kubeshark.linux.PacketSocket;
import java.util.regex.Pattern;

/**
 * What the kernel runs on each packet before it reaches a ring: the user's filter, and the loopback rule.
 *
 * <p>A packet over loopback passes twice, on its way out and on its way in; the first is dropped. Interfaces of several kinds may feed
 * one ring, so the filter is there twice: as compiled for Ethernet, and as compiled for raw IP with offsets from the network header.
 */
final class RingFilter {
  /** Until all sockets of a capture are ready. */
  static final long[] NOTHING = {of(RETURN, 0)};
  static final int ARPHRD_ETHER = 1;
  static final int ARPHRD_LOOPBACK = 772;
  static final int PACKET_OUTGOING = 4;
  private static final Pattern VLAN = Pattern.compile("\\bvlan\\b");

  private RingFilter() {}

  /** @param expression null: all packets */
  static long[] compile(String expression, int snapLength) throws BpfFilterException {
    if (expression == null) return behindLoopbackRule(new long[] {of(RETURN, snapLength)});
    if (VLAN.matcher(expression).find()) {
      throw new BpfFilterException("the capture filter '" + expression + "' cannot be used live: the kernel takes VLAN tags out of frames"
          + " before it filters them. Capture without 'vlan' and filter what is shown");
    }
    long[] ethernet = BpfFilter.compile(expression, LinkType.ETHERNET, snapLength).instructions();
    long[] raw = raw(expression, snapLength);
    long[] both = new long[4 + ethernet.length + raw.length];
    both[0] = of(LOAD_HALF_ABSOLUTE, ANCILLARY_HARDWARE_TYPE);
    both[1] = of(JUMP_IF_EQUAL, 2, 0, ARPHRD_ETHER);
    both[2] = of(JUMP_IF_EQUAL, 1, 0, ARPHRD_LOOPBACK);
    both[3] = of(JUMP, ethernet.length);
    System.arraycopy(ethernet, 0, both, 4, ethernet.length);
    System.arraycopy(raw, 0, both, 4 + ethernet.length, raw.length);
    long[] program = behindLoopbackRule(both);
    if (program.length > PacketSocket.FILTER_INSTRUCTIONS_MAX) {
      throw new BpfFilterException("the capture filter '" + expression + "' compiles to " + program.length + " instructions; the kernel takes "
          + PacketSocket.FILTER_INSTRUCTIONS_MAX + ": shorten it");
    }
    return program;
  }

  private static long[] raw(String expression, int snapLength) {
    try {
      long[] program = BpfFilter.compile(expression, LinkType.RAW, snapLength).instructions();
      for (int i = 0; i < program.length; i++) program[i] = BpfInstruction.fromNetworkHeader(program[i]);
      return program;
    } catch (BpfFilterException e) {
      // It is about Ethernet ("ether host", "arp"): nothing else can match.
      return NOTHING;
    }
  }

  private static long[] behindLoopbackRule(long[] rest) {
    long[] program = new long[5 + rest.length];
    program[0] = of(LOAD_HALF_ABSOLUTE, ANCILLARY_HARDWARE_TYPE);
    program[1] = of(JUMP_IF_EQUAL, 0, 3, ARPHRD_LOOPBACK);
    program[2] = of(LOAD_BYTE_ABSOLUTE, ANCILLARY_PACKET_TYPE);
    program[3] = of(JUMP_IF_EQUAL, 0, 1, PACKET_OUTGOING);
    program[4] = of(RETURN, 0);
    System.arraycopy(rest, 0, program, 5, rest.length);
    return program;
  }
}
