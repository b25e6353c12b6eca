package io.kubeshark.core;

/**
 * The bytes of an entry record. A record is encoded once, on the thread that owns its connection; store, stream and hub pass the same
 * bytes on. The fixed header comes first so that time ranges, sizes and flags are read without touching the fields. Little endian.
 *
 * <pre>
 *   0 u32 length        whole record, this word included      92 u16 dstPort
 *   4 u16 version       {@value #VERSION}                                    94 u8  ipVersion (4, 6)
 *   6 u8  kind          {@link Kind} ordinal                   95 u8  transport (IP protocol number: 6, 17)
 *   7 u8  statusClass   {@link StatusClass} ordinal            96 u8  backend, 97 u8 source: {@link Capture} ordinals
 *   8 u64 sequence      position in the worker's store        98 u16 vlan (802.1Q id, 0: none)
 *  16 i64 startNs       epoch, first byte of the request     100 u32 namesLength    who is at both ends
 *  24 i64 elapsedNs     to the response's first byte; -1     104 u64 requestSize    bytes on the wire, stream level
 *  32 u64 stream        connection number                    112 u64 responseSize
 *  40 u32 index         exchange within the connection       120 u64 lostBytes      of this exchange, never captured
 *  44 u32 flags         FLAG_*                               128 u64 anomalies      bit per {@link Anomaly}
 *  48 16  srcIp         IPv4 as ::ffff:a.b.c.d               136 u32 requestLength  of the request's fields
 *  64 16  dstIp                                              140 u32 responseLength of the response's fields
 *  80 u64 endNs         last byte of the exchange            144 u8 + 15 protocol   length, ASCII
 *  88 u16 (reserved)                                         160 request fields, response fields ({@link FieldWriter}), names ({@link EntryNames})
 *  90 u16 srcPort
 * </pre>
 *
 * src is the client, dst the server.
 */
public final class EntryLayout {
  private EntryLayout() {}

  public static final int VERSION = 1;
  public static final int LENGTH = 0;
  public static final int VERSION_AT = 4;
  public static final int KIND = 6;
  public static final int STATUS_CLASS = 7;
  public static final int SEQUENCE = 8;
  public static final int START_NS = 16;
  public static final int ELAPSED_NS = 24;
  public static final int STREAM = 32;
  public static final int INDEX = 40;
  public static final int FLAGS = 44;
  public static final int SRC_IP = 48;
  public static final int DST_IP = 64;
  public static final int END_NS = 80;
  public static final int SRC_PORT = 90;
  public static final int DST_PORT = 92;
  public static final int IP_VERSION = 94;
  public static final int TRANSPORT = 95;
  public static final int CAPTURE_BACKEND = 96;
  public static final int CAPTURE_SOURCE = 97;
  public static final int VLAN = 98;
  public static final int NAMES_LENGTH = 100;
  public static final int REQUEST_SIZE = 104;
  public static final int RESPONSE_SIZE = 112;
  public static final int LOST_BYTES = 120;
  public static final int ANOMALIES = 128;
  public static final int REQUEST_LENGTH = 136;
  public static final int RESPONSE_LENGTH = 140;
  public static final int PROTOCOL = 144;
  public static final int PROTOCOL_LENGTH_MAX = 15;
  public static final int HEADER_LENGTH = 160;

  /** A record never grows over this; what does not fit is cut and flagged. */
  public static final int RECORD_BYTES_MAX = 4 << 20;

  public static final int FLAG_TLS = 1;
  public static final int FLAG_NO_REQUEST = 1 << 1;
  public static final int FLAG_NO_RESPONSE = 1 << 2;
  /** A body, value or list is kept shorter than it was; sizes count it whole. */
  public static final int FLAG_TRUNCATED = 1 << 3;
  /** A message ends before its declared end. */
  public static final int FLAG_INCOMPLETE = 1 << 4;
  /** First message after a hole. */
  public static final int FLAG_AFTER_GAP = 1 << 5;
  /** A call that was not over when this was written ({@link Anomaly#WAITING}, {@link Anomaly#IN_PROGRESS}); when it is, it gets another entry. */
  public static final int FLAG_UNFINISHED = 1 << 6;

  /** What an entry is. Ordinals are written: only append. */
  public enum Kind {
    EXCHANGE, CONNECTION, EVENT;

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** How the outcome is shown. Ordinals are written: only append. */
  public enum StatusClass {
    NEUTRAL, OK, WARN, ERROR;

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Where packets came from. Ordinals are written: only append. */
  public enum Capture {
    UNKNOWN, AF_PACKET, FILE, EBPF, EBPF_TLS;

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
