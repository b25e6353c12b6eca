package io.kubeshark.hub;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.NamePart;
import io.kubeshark.render.JsonWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One call that was seen twice: at the client, on its way to a service's address, and at the server, where the node had put a pod's address
 * in its place. Both records have the same client address and port, protocol and index, and begin within {@link #APART_NS_MAX}. They
 * become one row: the pod's, which tells the service's address as {@code nat}.
 */
final class Nat {
  static final long APART_NS_MAX = 5_000_000;
  /** What no record has. */
  static final long NO_KEY = 0;

  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Nat() {}

  /** Equal for both legs; {@link #NO_KEY} for a record that can be none: its server is neither a service nor a pod. */
  static long key(EntryView record) {
    if (record.namesLength() == 0) return NO_KEY;
    if (record.name(Direction.SERVER, NamePart.SERVICE) < 0 && record.name(Direction.SERVER, NamePart.POD) < 0) return NO_KEY;
    byte[] array = record.array();
    int at = record.offset();
    long key = mix((long) LE64.get(array, at + EntryLayout.SRC_IP), (long) LE64.get(array, at + EntryLayout.SRC_IP + 8));
    key = mix(key, (long) record.srcPort() << 32 | record.index());
    key = mix(key, (long) LE64.get(array, at + EntryLayout.PROTOCOL));
    key = mix(key, (long) LE64.get(array, at + EntryLayout.PROTOCOL + 8) << 8 | array[at + EntryLayout.KIND]);
    return key == NO_KEY ? 1 : key;
  }

  /** Murmur3's finalizer over a running sum. */
  private static long mix(long sum, long next) {
    long x = sum * 0x9e3779b97f4a7c15L ^ next;
    x = (x ^ x >>> 33) * 0xff51afd7ed558ccdL;
    return x ^ x >>> 29;
  }

  /** Whether this leg goes to a service's address. */
  static boolean toService(EntryView record) {
    return record.name(Direction.SERVER, NamePart.SERVICE) >= 0 && record.name(Direction.SERVER, NamePart.POD) < 0;
  }

  /** {@code ,"nat":{…}}} for the leg that goes to the service: what replaces the last brace of the other's row. */
  static byte[] json(WorkerView worker, EntryView toService) {
    JsonWriter out = new JsonWriter(160);
    out.append(',');
    out.append("\"nat\":".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    JsonWriter nat = new JsonWriter(160).beginObject().key("ip").string(toService.dstIp()).key("port").number(toService.dstPort());
    nat.key("service").string(toService.nameText(Direction.SERVER, NamePart.SERVICE));
    nat.key("entry").string(worker.names().worker() + "/" + toService.stream() + "-" + toService.index()).endObject();
    out.append(nat.toByteArray());
    out.append('}');
    return out.toByteArray();
  }

  /** A row or entry with {@link #json} in place of its last brace. */
  static byte[] joined(byte[] object, byte[] nat) {
    byte[] joined = java.util.Arrays.copyOf(object, object.length - 1 + nat.length);
    System.arraycopy(nat, 0, joined, object.length - 1, nat.length);
    return joined;
  }
}
