package io.kubeshark.render;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The part of an entry's JSON that all entries of a connection have in common, kept of the connections that were written last: who saw it,
 * protocol, addresses, names. A third of a short exchange's JSON, and most of its digits.
 *
 * <pre>
 *   {"id":"local/7-  index  ","index":  index  ,"stream":7,"node":{…},"worker":…,"kind":…,"protocol":{…},"transport":…,"src":{…},"dst":{…}
 *   begins                                     goesOn
 * </pre>
 */
final class ConnectionHeads {
  /** By connection number; about 600 bytes each, where ends are named three times as much. */
  private static final int HEADS_MAX = 1024;

  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final EntryLayout.Kind[] KINDS = EntryLayout.Kind.values();

  /** @param key the record's header, of which {@link #same} compares what the text depends on, and its names */
  record Head(byte[] key, byte[] begins, byte[] goesOn) {

    boolean of(byte[] record, int offset) {
      return record[offset + EntryLayout.KIND] == key[EntryLayout.KIND]
          && same(record, offset, EntryLayout.STREAM, EntryLayout.INDEX)
          && same(record, offset, EntryLayout.SRC_IP, EntryLayout.END_NS)
          && same(record, offset, EntryLayout.SRC_PORT - 2, EntryLayout.REQUEST_SIZE)
          && same(record, offset, EntryLayout.PROTOCOL, EntryLayout.HEADER_LENGTH)
          && (key.length == EntryLayout.HEADER_LENGTH || sameNames(record, offset));
    }

    /** The length of the names is in the header, and the same. */
    private boolean sameNames(byte[] record, int offset) {
      int end = offset + EntryEncoder.length(record, offset);
      return Arrays.equals(record, end - key.length + EntryLayout.HEADER_LENGTH, end, key, EntryLayout.HEADER_LENGTH, key.length);
    }

    private boolean same(byte[] record, int offset, int from, int to) {
      for (int at = from; at < to; at += 8) if ((long) LE64.get(record, offset + at) != (long) LE64.get(key, at)) return false;
      return true;
    }
  }

  private final Head[] heads = new Head[HEADS_MAX];
  private final byte[] workerPrefix;
  private final byte[] nodeAndWorker;

  ConnectionHeads(Names names) {
    workerPrefix = EntryJson.workerPrefix(names);
    nodeAndWorker = new JsonWriter(128)
        .key("node").beginObject().key("name").string(names.node()).key("ip").string(names.nodeIp()).endObject()
        .key("worker").string(names.worker()).toByteArray();
  }

  Head head(EntryView entry, ProtocolView[] protocols) {
    int slot = (int) entry.stream() & HEADS_MAX - 1;
    Head head = heads[slot];
    if (head == null || !head.of(entry.array(), entry.offset())) heads[slot] = head = make(entry, ProtocolView.find(protocols, entry));
    return head;
  }

  private Head make(EntryView entry, ProtocolView protocol) {
    int names = entry.namesLength();
    byte[] key = Arrays.copyOfRange(entry.array(), entry.offset(), entry.offset() + EntryLayout.HEADER_LENGTH + names);
    System.arraycopy(entry.array(), entry.offset() + entry.length() - names, key, EntryLayout.HEADER_LENGTH, names);
    JsonWriter begins = new JsonWriter(64);
    begins.append("{\"id\":\"".getBytes(StandardCharsets.US_ASCII));
    begins.append(workerPrefix);
    begins.digits(entry.stream());
    begins.append('-');
    JsonWriter goesOn = new JsonWriter(512);
    goesOn.append(',');
    goesOn.key("stream").number(entry.stream()).raw(nodeAndWorker)
        .key("kind").string(KINDS[entry.array()[entry.offset() + EntryLayout.KIND]].text())
        .key("protocol").raw(protocol.object);
    if (entry.transport() != 0) goesOn.key("transport").string(entry.transport() == Connection.UDP ? "udp" : "tcp"); // an event has none
    endpoint(goesOn.key("src"), entry, Direction.CLIENT);
    endpoint(goesOn.key("dst"), entry, Direction.SERVER);
    return new Head(key, begins.toByteArray(), goesOn.toByteArray());
  }

  private static void endpoint(JsonWriter out, EntryView entry, Direction side) {
    int ipAt = side == Direction.CLIENT ? EntryLayout.SRC_IP : EntryLayout.DST_IP;
    out.beginObject();
    if (EndNames.hasAddress(entry, ipAt)) {
      out.key("ip");
      out.beginText();
      out.ip(entry.array(), entry.offset() + ipAt);
      out.endText();
      out.key("port").number(side == Direction.CLIENT ? entry.srcPort() : entry.dstPort());
    }
    EndNames.members(entry, side, true, out);
    out.endObject();
  }
}
