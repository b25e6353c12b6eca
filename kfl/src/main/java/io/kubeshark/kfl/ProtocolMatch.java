package io.kubeshark.kfl;

import io.kubeshark.core.EntryLayout;
import java.nio.charset.StandardCharsets;

/** Whether a record is of a protocol: its length byte and name are 16 bytes of the header, compared as two masked words. */
final class ProtocolMatch {
  private final long low;
  private final long lowMask;
  private final long high;
  private final long highMask;

  ProtocolMatch(String id) {
    byte[] name = id.getBytes(StandardCharsets.US_ASCII);
    byte[] area = new byte[1 + EntryLayout.PROTOCOL_LENGTH_MAX];
    byte[] mask = new byte[area.length];
    area[0] = (byte) name.length;
    System.arraycopy(name, 0, area, 1, name.length);
    java.util.Arrays.fill(mask, 0, 1 + name.length, (byte) 0xff);
    low = (long) Evaluation.LE64.get(area, 0);
    high = (long) Evaluation.LE64.get(area, 8);
    lowMask = (long) Evaluation.LE64.get(mask, 0);
    highMask = (long) Evaluation.LE64.get(mask, 8);
  }

  boolean matches(Evaluation e) {
    return (e.i64(EntryLayout.PROTOCOL) & lowMask) == low && (highMask == 0 || (e.i64(EntryLayout.PROTOCOL + 8) & highMask) == high);
  }
}
