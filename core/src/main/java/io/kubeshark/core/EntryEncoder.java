package io.kubeshark.core;

import static io.kubeshark.core.FieldWriter.LE32;
import static io.kubeshark.core.FieldWriter.put16;
import static io.kubeshark.core.FieldWriter.put32;
import static io.kubeshark.core.FieldWriter.put64;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Writes entry records ({@link EntryLayout}) into one array that it reuses: {@link #begin}, the setters, {@link #fields}, then
 * {@link #array()} holds {@link #length()} bytes. Setters that are not called leave 0, elapsed time -1.
 */
public final class EntryEncoder {
  private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final byte[] ZEROS = new byte[EntryLayout.HEADER_LENGTH];

  private byte[] array = new byte[4096];
  private int length;

  public byte[] array() {
    return array;
  }

  public int length() {
    return length;
  }

  /** @param protocol the protocol's id in ASCII */
  public EntryEncoder begin(Connection connection, byte[] protocol, EntryLayout.Kind kind, EntryLayout.Capture capture, int index) {
    System.arraycopy(ZEROS, 0, array, 0, ZEROS.length);
    length = EntryLayout.HEADER_LENGTH;
    put16(array, EntryLayout.VERSION_AT, EntryLayout.VERSION);
    array[EntryLayout.KIND] = (byte) kind.ordinal();
    put64(array, EntryLayout.ELAPSED_NS, -1L);
    put64(array, EntryLayout.STREAM, connection.id);
    put32(array, EntryLayout.INDEX, index);
    int src = connection.clientEnd;
    int dst = 1 - src;
    BE64.set(array, EntryLayout.SRC_IP, connection.ipHigh[src]);
    BE64.set(array, EntryLayout.SRC_IP + 8, connection.ipLow[src]);
    BE64.set(array, EntryLayout.DST_IP, connection.ipHigh[dst]);
    BE64.set(array, EntryLayout.DST_IP + 8, connection.ipLow[dst]);
    put16(array, EntryLayout.SRC_PORT, connection.port[src]);
    put16(array, EntryLayout.DST_PORT, connection.port[dst]);
    array[EntryLayout.IP_VERSION] = (byte) (connection.ipv6 ? 6 : 4);
    array[EntryLayout.TRANSPORT] = (byte) connection.transport;
    array[EntryLayout.CAPTURE_BACKEND] = (byte) capture.ordinal();
    array[EntryLayout.CAPTURE_SOURCE] = (byte) capture.ordinal();
    put16(array, EntryLayout.VLAN, Math.max(0, connection.vlan & 0xfff));
    array[EntryLayout.PROTOCOL] = (byte) protocol.length;
    System.arraycopy(protocol, 0, array, EntryLayout.PROTOCOL + 1, protocol.length);
    return this;
  }

  /** Epoch nanoseconds. */
  public EntryEncoder times(long startNs, long endNs, long elapsedNs) {
    put64(array, EntryLayout.START_NS, startNs);
    put64(array, EntryLayout.END_NS, endNs);
    put64(array, EntryLayout.ELAPSED_NS, elapsedNs);
    return this;
  }

  /** Bytes on the wire. */
  public EntryEncoder sizes(long request, long response, long lost) {
    put64(array, EntryLayout.REQUEST_SIZE, request);
    put64(array, EntryLayout.RESPONSE_SIZE, response);
    put64(array, EntryLayout.LOST_BYTES, lost);
    return this;
  }

  public EntryEncoder outcome(EntryLayout.StatusClass statusClass, int flags, long anomalies) {
    array[EntryLayout.STATUS_CLASS] = (byte) statusClass.ordinal();
    put32(array, EntryLayout.FLAGS, flags);
    put64(array, EntryLayout.ANOMALIES, anomalies);
    return this;
  }

  /** Ends the record. Either side may be null. A side that would pass {@link EntryLayout#RECORD_BYTES_MAX} is left out and flagged. */
  public EntryEncoder fields(FieldWriter request, FieldWriter response) {
    // Not in one expression with the set: append may replace the array.
    int requestLength = append(request);
    int responseLength = append(response);
    put32(array, EntryLayout.REQUEST_LENGTH, requestLength);
    put32(array, EntryLayout.RESPONSE_LENGTH, responseLength);
    put32(array, EntryLayout.LENGTH, length);
    return this;
  }

  private int append(FieldWriter side) {
    if (side == null) return 0;
    int sideLength = side.readableLength();
    int needed = length + sideLength;
    if (needed > EntryLayout.RECORD_BYTES_MAX) {
      put32(array, EntryLayout.FLAGS, (int) LE32.get(array, EntryLayout.FLAGS) | EntryLayout.FLAG_TRUNCATED);
      return 0;
    }
    if (needed > array.length) array = java.util.Arrays.copyOf(array, Math.max(needed, Math.min(array.length * 2, EntryLayout.RECORD_BYTES_MAX)));
    System.arraycopy(side.array(), 0, array, length, sideLength);
    length = needed;
    return sideLength;
  }

  /** Sets the store's sequence number in a finished record. */
  public static void sequence(byte[] record, int offset, long sequence) {
    put64(record, offset + EntryLayout.SEQUENCE, sequence);
  }

  /** Length of the record at this place. */
  public static int length(byte[] record, int offset) {
    return (int) LE32.get(record, offset);
  }
}
