package io.kubeshark.dissect;

import static io.kubeshark.core.FieldSpec.request;
import static io.kubeshark.core.FieldSpec.response;
import static io.kubeshark.core.FieldType.INT;
import static io.kubeshark.core.FieldType.LIST;
import static io.kubeshark.core.FieldType.MAP;
import static io.kubeshark.core.FieldType.STRING;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.TcpHealth;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Connections as entries: state, sizes, health and ledger of each, whether or not anything in it was understood. */
public final class ConnectionEntries {
  private static final List<FieldSpec> COMMON = new ArrayList<>();
  private static final List<FieldSpec> HEALTH = new ArrayList<>();

  private static FieldSpec common(String name, io.kubeshark.core.FieldType type, String title, String variable, String doc) {
    FieldSpec field = request(COMMON.size(), name, type, title, variable, doc);
    COMMON.add(field);
    return field;
  }

  private static FieldSpec health(String name, String title, String doc) {
    FieldSpec field = response(COMMON.size() + HEALTH.size(), name, INT, title, "tcp_" + name, doc);
    HEALTH.add(field);
    return field;
  }

  static final FieldSpec STATE = common("state", STRING, "State", "conn_state", "open, closed, reset, refused, syn-sent, half-closed, timed-out, evicted, capture-ended");
  static final FieldSpec TRANSPORT = common("transport", STRING, "Transport", null, "tcp or udp");
  static final FieldSpec DETECTED = common("l7_detected", LIST, "Protocols", "conn_l7_detected", "Application protocols recognised in the connection");
  static final FieldSpec LOCAL_PACKETS = common("local_pkts", INT, "Client packets", "conn_local_pkts", "Packets from the client");
  static final FieldSpec LOCAL_BYTES = common("local_bytes", INT, "Client bytes", "conn_local_bytes", "Frame bytes from the client");
  static final FieldSpec LOCAL_PAYLOAD = common("local_payload_bytes", INT, "Client payload", "conn_local_payload_bytes", "Transport payload from the client, retransmissions included");
  static final FieldSpec REMOTE_PACKETS = common("remote_pkts", INT, "Server packets", "conn_remote_pkts", "Packets from the server");
  static final FieldSpec REMOTE_BYTES = common("remote_bytes", INT, "Server bytes", "conn_remote_bytes", "Frame bytes from the server");
  static final FieldSpec REMOTE_PAYLOAD = common("remote_payload_bytes", INT, "Server payload", "conn_remote_payload_bytes", "Transport payload from the server, retransmissions included");
  static final FieldSpec EXCHANGES = common("exchanges", INT, "Exchanges", "conn_exchanges", "Entries written for the connection so far");
  static final FieldSpec WIRE = common("wire", INT, "Bytes on the wire", "ledger_wire", "Frame bytes, and bytes that sequence numbers prove were never captured");
  static final FieldSpec DISSECTED = common("dissected", INT, "Dissected", "ledger_dissected", "Bytes read into entries, and headers");
  static final FieldSpec OPAQUE = common("opaque", INT, "Opaque", "ledger_opaque", "Bytes seen but not dissected, each with a reason");
  static final FieldSpec LOST = common("lost", INT, "Lost", "ledger_lost", "Bytes that were on the wire but not captured");
  static final FieldSpec LEDGER = common("ledger", MAP, "Ledger", "ledger", "Bytes by account code");

  static final FieldSpec RETRANSMISSIONS = health("retransmissions", "Retransmissions", "Data segments sent again");
  static final FieldSpec FAST_RETRANSMISSIONS = health("fast_retransmissions", "Fast retransmissions", "Sent again after duplicate ACKs");
  static final FieldSpec SPURIOUS = health("spurious_retransmissions", "Spurious retransmissions", "Sent again although already acknowledged");
  static final FieldSpec RATE = health("retransmission_rate_ppm", "Retransmission rate (ppm)", "Retransmissions per million data segments");
  static final FieldSpec ZERO_WINDOW = health("zero_window_events", "Zero windows", "The receiver's buffer was full");
  static final FieldSpec WINDOW_FULL = health("window_full_events", "Window full", "The sender filled the receiver's window");
  static final FieldSpec SCALE_CLIENT = health("window_scale_client", "Window scale, client", "Shift count of the client's windows; -1 unknown");
  static final FieldSpec SCALE_SERVER = health("window_scale_server", "Window scale, server", "Shift count of the server's windows; -1 unknown");
  static final FieldSpec WINDOW = health("avg_receive_window", "Receive window, mean", "Mean of the announced windows, bytes");
  static final FieldSpec OUT_OF_ORDER = health("out_of_order", "Out of order", "Segments behind later ones");
  static final FieldSpec DUP_ACKS = health("dup_acks", "Duplicate ACKs", "ACKs that repeat the last one");
  static final FieldSpec MISSING = health("missing_segments", "Missing segments", "Holes before a segment (tcp.analysis.lost_segment)");
  static final FieldSpec RSTS = health("rst_count", "RST", "Segments with RST");
  static final FieldSpec FINS = health("fin_count", "FIN", "Segments with FIN");
  static final FieldSpec KEEP_ALIVES = health("keepalive_count", "Keep-alives", "Keep-alive probes");
  static final FieldSpec COMPLETENESS = health("connection_completeness", "Completeness", "SYN 1, SYN-ACK 2, ACK 4, data 8, FIN 16, RST 32");
  static final FieldSpec INITIAL_RTT = health("initial_rtt_us", "Initial RTT (µs)", "SYN to the handshake's last ACK");
  static final FieldSpec HANDSHAKE = health("handshake_time_us", "Handshake (µs)", "SYN to SYN-ACK");
  static final FieldSpec CONNECTION_TIME = health("connection_time_us", "Connection time (µs)", "First to last packet");
  static final FieldSpec FIRST_BYTE = health("time_to_first_byte_us", "Time to first byte (µs)", "First client payload to first server payload");
  static final FieldSpec RTT_MIN = health("rtt_min_us", "RTT, least (µs)", "Least time from data to its ACK");
  static final FieldSpec RTT_MAX = health("rtt_max_us", "RTT, greatest (µs)", "Greatest time from data to its ACK");
  static final FieldSpec RTT_AVG = health("rtt_avg_us", "RTT, mean (µs)", "Mean time from data to its ACK");
  static final FieldSpec RTT_SAMPLES = health("rtt_samples", "RTT samples", "How many data segments the RTTs come from");
  static final FieldSpec JITTER = health("jitter_us", "Jitter (µs)", "Mean difference of successive RTTs");
  static final FieldSpec GOODPUT = health("goodput_bytes", "Goodput", "Payload without what came again, bytes");

  public static final ProtocolInfo TCP = info("tcp-conn", "TCP connection", "TCP", "#3a4a5e", List.of("conn", "tcp_conn", "tcp"), true);
  public static final ProtocolInfo UDP = info("udp-conn", "UDP flow", "UDP", "#5c4a6e", List.of("conn", "udp_conn", "udp"), false);

  private static final byte[] TCP_ID = TCP.id().getBytes(StandardCharsets.US_ASCII);
  private static final byte[] UDP_ID = UDP.id().getBytes(StandardCharsets.US_ASCII);

  private ConnectionEntries() {}

  private static ProtocolInfo info(String id, String longName, String abbreviation, String color, List<String> flags, boolean health) {
    List<FieldSpec> fields = new ArrayList<>(COMMON);
    if (health) fields.addAll(HEALTH);
    String reference = health ? "https://www.rfc-editor.org/rfc/rfc9293" : "https://www.rfc-editor.org/rfc/rfc768";
    return new ProtocolInfo(id, longName, abbreviation, "l4", color, "#ffffff", reference, List.of(), flags,
        new ProtocolInfo.Row(TRANSPORT, STATE, DETECTED), fields);
  }

  /** The connection as it stands now, as a record in the encoder. */
  static void encode(EntryEncoder encoder, FieldWriter left, FieldWriter right, Connection connection, String state, List<String> detected,
      int index, long exchanges, EntryLayout.Capture capture) {
    left.clear();
    right.clear();
    common(left, connection, state, detected, exchanges);
    if (connection.health != null) health(right, connection.health);
    boolean bad = switch (connection.state) {
      case RESET, REFUSED, SYN_SENT -> true;
      default -> false;
    };
    int client = connection.clientEnd;
    long span = connection.lastNs - connection.firstNs;
    encoder.begin(connection, connection.transport == Connection.TCP ? TCP_ID : UDP_ID, EntryLayout.Kind.CONNECTION, capture, index)
        .times(connection.firstNs, connection.lastNs, span)
        .sizes(connection.wireBytes[client], connection.wireBytes[1 - client], connection.ledger.total(LedgerCode.Kind.LOST))
        .outcome(bad ? StatusClass.ERROR : StatusClass.NEUTRAL, 0, 0)
        .fields(left, right);
  }

  private static void common(FieldWriter out, Connection connection, String state, List<String> detected, long exchanges) {
    int client = connection.end(Direction.CLIENT);
    int server = 1 - client;
    Ledger ledger = connection.ledger;
    out.stringField(STATE, state);
    out.stringField(TRANSPORT, connection.transport == Connection.TCP ? "tcp" : "udp");
    out.beginList(DETECTED);
    for (String protocol : detected) out.listItem(protocol);
    out.endList();
    out.intField(LOCAL_PACKETS, connection.packets[client]);
    out.intField(LOCAL_BYTES, connection.wireBytes[client]);
    out.intField(LOCAL_PAYLOAD, connection.payloadBytes[client]);
    out.intField(REMOTE_PACKETS, connection.packets[server]);
    out.intField(REMOTE_BYTES, connection.wireBytes[server]);
    out.intField(REMOTE_PAYLOAD, connection.payloadBytes[server]);
    out.intField(EXCHANGES, exchanges);
    out.intField(WIRE, ledger.wire());
    out.intField(DISSECTED, ledger.total(LedgerCode.Kind.DISSECTED));
    out.intField(OPAQUE, ledger.total(LedgerCode.Kind.OPAQUE));
    out.intField(LOST, ledger.total(LedgerCode.Kind.LOST));
    out.beginMap(LEDGER);
    for (LedgerCode code : LedgerCode.values()) if (ledger.bytes(code) != 0) out.mapEntry(code.code, Long.toString(ledger.bytes(code)));
    out.endMap();
  }

  private static void health(FieldWriter out, TcpHealth health) {
    out.intField(RETRANSMISSIONS, health.retransmissions);
    out.intField(FAST_RETRANSMISSIONS, health.fastRetransmissions);
    out.intField(SPURIOUS, health.spuriousRetransmissions);
    out.intField(RATE, Math.round(health.retransmissionRate() * 1e6));
    out.intField(ZERO_WINDOW, health.zeroWindowEvents);
    out.intField(WINDOW_FULL, health.windowFullEvents);
    out.intField(SCALE_CLIENT, health.windowScaleClient);
    out.intField(SCALE_SERVER, health.windowScaleServer);
    out.intField(WINDOW, health.receiveWindowAverage());
    out.intField(OUT_OF_ORDER, health.outOfOrder);
    out.intField(DUP_ACKS, health.duplicateAcks);
    out.intField(MISSING, health.missingSegments);
    out.intField(RSTS, health.rstCount);
    out.intField(FINS, health.finCount);
    out.intField(KEEP_ALIVES, health.keepAliveCount);
    out.intField(COMPLETENESS, health.completeness);
    out.intField(INITIAL_RTT, health.initialRttUs);
    out.intField(HANDSHAKE, health.handshakeTimeUs);
    out.intField(CONNECTION_TIME, health.connectionTimeUs);
    out.intField(FIRST_BYTE, health.timeToFirstByteUs);
    out.intField(RTT_MIN, health.rttMinUs);
    out.intField(RTT_MAX, health.rttMaxUs);
    out.intField(RTT_AVG, health.rttAverageUs());
    out.intField(RTT_SAMPLES, health.rttSamples);
    out.intField(JITTER, health.jitterUs());
    out.intField(GOODPUT, health.goodputBytes);
  }
}
