package io.kubeshark.kfl;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.IpAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Nodes that read the fixed header of a record ({@link EntryLayout}). */
final class Header {
  private Header() {}

  private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** An unsigned number of 1, 2 or 4 bytes, or a signed one of 8. */
  static final class OfInt extends Node.OfInt {
    private final int at;
    private final int bytes;

    OfInt(Type type, int at, int bytes) {
      super(type);
      this.at = at;
      this.bytes = bytes;
    }

    @Override
    long integer(Evaluation e) {
      return switch (bytes) {
        case 1 -> e.array[e.offset + at] & 0xff;
        case 2 -> e.u16(at);
        case 4 -> e.i32(at) & 0xffffffffL;
        default -> e.i64(at);
      };
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  static final class Now extends Node.OfInt {
    Now() {
      super(Type.TIMESTAMP);
    }

    @Override
    long integer(Evaluation e) {
      return e.nowNs();
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  static final class ElapsedUs extends Node.OfInt {
    ElapsedUs() {
      super(Type.INT);
    }

    @Override
    long integer(Evaluation e) {
      return Math.max(0, e.i64(EntryLayout.ELAPSED_NS)) / 1000;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  /** Whether the entry's protocol is one of those that raise a flag. */
  static final class IsProtocol extends Node.OfBool {
    private final ProtocolMatch[] protocols;

    IsProtocol(ProtocolMatch[] protocols) {
      this.protocols = protocols;
    }

    @Override
    int test(Evaluation e) {
      for (ProtocolMatch protocol : protocols) if (protocol.matches(e)) return TRUE;
      return FALSE;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  static final class HasFlag extends Node.OfBool {
    private final int flag;

    HasFlag(int flag) {
      this.flag = flag;
    }

    @Override
    int test(Evaluation e) {
      return (e.i32(EntryLayout.FLAGS) & flag) != 0 ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  /** One of few words, chosen by a byte of the header; a byte from another version reads as the first word. */
  static final class Word extends Node.OfString {
    private final int at;
    private final byte[][] words;

    Word(int at, String[] words) {
      this.at = at;
      this.words = new byte[words.length][];
      for (int i = 0; i < words.length; i++) this.words[i] = words[i].getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      int ordinal = e.array[e.offset + at] & 0xff;
      out.set(words[ordinal < words.length ? ordinal : 0]);
      return true;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  static final class Protocol extends Node.OfString {
    @Override
    boolean string(Evaluation e, Slice out) {
      int at = e.offset + EntryLayout.PROTOCOL;
      out.set(e.array, at + 1, Math.min(e.array[at] & 0xff, EntryLayout.PROTOCOL_LENGTH_MAX));
      return true;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  static final class Transport extends Node.OfString {
    private static final byte[] TCP = {'t', 'c', 'p'};
    private static final byte[] UDP = {'u', 'd', 'p'};

    @Override
    boolean string(Evaluation e, Slice out) {
      int number = e.array[e.offset + EntryLayout.TRANSPORT] & 0xff;
      out.set(number == 6 ? TCP : number == 17 ? UDP : ("ip-" + number).getBytes(StandardCharsets.US_ASCII));
      return true;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  /** An address as text. */
  static final class Address extends Node.OfString {
    private final int at;
    private final byte[] scratch = new byte[15];

    Address(int at) {
      this.at = at;
    }

    long high(Evaluation e) {
      return (long) BE64.get(e.array, e.offset + at);
    }

    long low(Evaluation e) {
      return (long) BE64.get(e.array, e.offset + at + 8);
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      long high = high(e);
      long low = low(e);
      if (!IpAddress.isV4(high, low)) {
        out.set(IpAddress.text(high, low).getBytes(StandardCharsets.US_ASCII));
        return true;
      }
      int length = 0;
      for (int shift = 24; shift >= 0; shift -= 8) {
        length = decimal(scratch, length, low >>> shift & 255);
        if (shift > 0) scratch[length++] = '.';
      }
      out.set(scratch, 0, length);
      return true;
    }

    @Override
    int cost() {
      return 3;
    }
  }

  /** {@code worker/stream} and {@code worker/stream-index}. */
  static final class Identity extends Node.OfString {
    private final boolean withIndex;
    private byte[] scratch;
    private int prefixLength;

    Identity(boolean withIndex) {
      this.withIndex = withIndex;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      if (scratch == null) {
        byte[] prefix = (e.origin.worker() + "/").getBytes(StandardCharsets.UTF_8);
        scratch = java.util.Arrays.copyOf(prefix, prefix.length + 48);
        prefixLength = prefix.length;
      }
      int length = decimal(scratch, prefixLength, e.i64(EntryLayout.STREAM));
      if (withIndex) {
        scratch[length++] = '-';
        length = decimal(scratch, length, e.i32(EntryLayout.INDEX) & 0xffffffffL);
      }
      out.set(scratch, 0, length);
      return true;
    }

    @Override
    int cost() {
      return 5;
    }
  }

  /** Writes a number as {@link Long#toString} does. @return where it ends */
  private static int decimal(byte[] target, int at, long value) {
    if (value < 0) {
      byte[] digits = Long.toString(value).getBytes(StandardCharsets.US_ASCII); // from another program: ours count from 0
      System.arraycopy(digits, 0, target, at, digits.length);
      return at + digits.length;
    }
    int end = at + 1;
    for (long rest = value / 10; rest > 0; rest /= 10) end++;
    for (int i = end - 1; i >= at; i--, value /= 10) target[i] = (byte) ('0' + value % 10);
    return end;
  }

  enum OriginPart { WORKER, NODE, NODE_IP }

  /** Texts that the origin of the records decides: the worker's and the node's name. */
  static final class FromOrigin extends Node.OfString {
    private final OriginPart part;
    private byte[] text;

    FromOrigin(OriginPart part) {
      this.part = part;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      if (text == null) {
        String name = switch (part) {
          case WORKER -> e.origin.worker();
          case NODE -> e.origin.node();
          case NODE_IP -> e.origin.nodeIp();
        };
        text = name.getBytes(StandardCharsets.UTF_8);
      }
      out.set(text);
      return true;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }

  static final class Anomalies extends Node.OfObject {
    Anomalies() {
      super(Type.STRING_LIST);
    }

    @Override
    Object object(Evaluation e) {
      List<Object> codes = new ArrayList<>();
      for (long bits = e.i64(EntryLayout.ANOMALIES); bits != 0; bits &= bits - 1) {
        Anomaly anomaly = Anomaly.of(Long.numberOfTrailingZeros(bits));
        if (anomaly != null) codes.add(anomaly.code);
      }
      return codes;
    }
  }

  /** {@code "after-gap" in anomalies}. */
  static final class HasAnomaly extends Node.OfBool {
    private final long bit;

    HasAnomaly(String code) {
      long found = 0;
      for (Anomaly anomaly : Anomaly.values()) if (anomaly.code.equals(code)) found = anomaly.bit();
      this.bit = found;
    }

    @Override
    int test(Evaluation e) {
      return (e.i64(EntryLayout.ANOMALIES) & bit) != 0 ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return COST_HEADER;
    }
  }
}
