package io.kubeshark.reassembly;

import static io.kubeshark.reassembly.Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection.State;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import org.junit.jupiter.api.Test;

class TcpOrderTest {
  private final Rig rig = new Rig();

  @Test
  void anExchangeFromHandshakeToLastAck() {
    rig.handshake().client(101, 501, ACK, "request").server(501, 108, ACK, "response").client(108, 509, ACK | FIN, "")
        .server(509, 109, ACK | FIN, "");
    assertThat(rig.seen.only().closed).isFalse();
    rig.client(109, 510, ACK, "");
    assertThat(rig.seen.only().events).containsExactly("0:7", "1:8", "0:end", "1:end", "closed");
    assertThat(rig.seen.only().connection.clientEnd).isZero();
    assertThat(rig.seen.only().connection.packets).containsExactly(5, 3);
    assertThat(rig.booked(LedgerCode.HEADERS)).isEqualTo(8 * 54);
    assertThat(rig.reassembler.pendingBytes()).isZero();
  }

  @Test
  void swappedNeighboursInOneDirection() {
    rig.handshake().client(104, 501, ACK, "def").client(101, 501, ACK, "abc");
    assertThat(rig.seen.only().text(0)).isEqualTo("abcdef");
    assertThat(rig.seen.only().gapBytes[0]).isZero();
  }

  @Test
  void theResponseThatWasCapturedBeforeItsRequestWaits() {
    rig.handshake().server(501, 108, ACK, "response").client(101, 501, ACK, "request");
    assertThat(rig.seen.only().events).containsExactly("0:7", "1:8");
  }

  @Test
  void synAckBeforeSyn() {
    rig.server(500, 101, SYN | ACK, "").client(100, 0, SYN, "").client(101, 501, ACK, "hello");
    assertThat(rig.seen.only().connection.midStream).isFalse();
    assertThat(rig.seen.only().connection.clientEnd).isEqualTo(1);
    assertThat(rig.seen.only().text(1)).isEqualTo("hello");
  }

  @Test
  void aLostRequestIsAGapAfterThreeMorePackets() {
    rig.handshake().server(501, 108, ACK, "response").server(509, 108, ACK, "more");
    rig.client(108, 513, ACK, "");
    assertThat(rig.seen.only().events).isEmpty();
    rig.client(108, 513, ACK, "again");
    assertThat(rig.seen.only().events).containsExactly("0:gap 7", "1:8", "1:4", "0:5");
    assertThat(rig.booked(LedgerCode.GAP)).isEqualTo(7);
    assertThat(rig.seen.only().connection.ledger.bytes(LedgerCode.GAP)).isEqualTo(7);
  }

  @Test
  void anAckedHoleOfAQuietConnectionIsDeclaredAfter64PacketsOfOthers() {
    rig.handshake().server(501, 108, ACK, "response");
    byte[] other = ethernet(ipv4(Rig.A, Rig.B, 17, udp(1000, 53, "x".getBytes())));
    for (int i = 0; i < TcpHoles.THREAD_PACKETS_AFTER_ACK - 1; i++) rig.frame(other);
    assertThat(rig.seen.get(0).events).isEmpty();
    rig.frame(other);
    assertThat(rig.seen.get(0).events).containsExactly("0:gap 7", "1:8");
  }

  @Test
  void anAckedHoleIsDeclaredAfterASecond() {
    rig.handshake().server(501, 108, ACK, "response").pass(0.9);
    assertThat(rig.seen.only().events).isEmpty();
    rig.pass(0.2);
    assertThat(rig.seen.only().events).containsExactly("0:gap 7", "1:8");
  }

  @Test
  void aHoleThatNobodyAcknowledgedWaitsForItsRetransmission() {
    rig.handshake().client(104, 501, ACK, "def");
    for (int i = 0; i < 20; i++) rig.server(501, 101, ACK, "");
    rig.pass(2.5);
    assertThat(rig.seen.only().events).isEmpty();
    rig.client(101, 501, ACK, "abc");
    assertThat(rig.seen.only().text(0)).isEqualTo("abcdef");
  }

  @Test
  void aHoleThatNobodyAcknowledgedIsDeclaredAfterThreeSeconds() {
    rig.handshake().client(104, 501, ACK, "def").pass(3.1);
    assertThat(rig.seen.only().events).containsExactly("0:gap 3", "0:3");
  }

  @Test
  void bytesOfAGapThatComeAfterAllAreLate() {
    rig.handshake().client(104, 501, ACK, "def").pass(3.1).client(101, 501, ACK, "abc");
    assertThat(rig.seen.only().text(0)).isEqualTo("___def");
    assertThat(rig.booked(LedgerCode.GAP)).isZero();
    assertThat(rig.booked(LedgerCode.LATE)).isEqualTo(3);
    rig.client(101, 501, ACK, "abc");
    assertThat(rig.booked(LedgerCode.LATE)).isEqualTo(3);
    assertThat(rig.booked(LedgerCode.RETRANSMISSION)).isEqualTo(3);
  }

  @Test
  void aRetransmissionWithANewTail() {
    rig.handshake().client(101, 501, ACK, "abc").client(101, 501, ACK, "abcdef");
    assertThat(rig.seen.only().text(0)).isEqualTo("abcdef");
    assertThat(rig.booked(LedgerCode.RETRANSMISSION)).isEqualTo(3);
  }

  @Test
  void theFirstCopyWinsWhereSegmentsOverlap() {
    rig.handshake().client(103, 501, ACK, "CD").client(106, 501, ACK, "F").client(101, 501, ACK, "abcdefgh");
    assertThat(rig.seen.only().text(0)).isEqualTo("abCDeFgh");
    assertThat(rig.booked(LedgerCode.RETRANSMISSION)).isEqualTo(3);
  }

  @Test
  void sequenceNumbersWrap() {
    rig.client(-4, 0, SYN, "").server(-2, -3, SYN | ACK, "").client(-3, -1, ACK, "abc").client(3, -1, ACK, "ghi").client(0, -1, ACK, "def")
        .server(-1, 6, ACK, "xyz").client(6, 2, ACK, "");
    assertThat(rig.seen.only().text(0)).isEqualTo("abcdefghi");
    assertThat(rig.seen.only().text(1)).isEqualTo("xyz");
  }

  @Test
  void keepAliveProbesAreNoData() {
    rig.handshake().client(101, 501, ACK, "abc").client(103, 501, ACK, "").client(103, 501, ACK, "?").client(104, 501, ACK, "d");
    assertThat(rig.seen.only().text(0)).isEqualTo("abcd");
    assertThat(rig.booked(LedgerCode.RETRANSMISSION)).isEqualTo(1);
  }

  @Test
  void finWithDataBeforeItsPredecessor() {
    rig.handshake().client(104, 501, ACK | FIN, "def").client(101, 501, ACK, "abc");
    assertThat(rig.seen.only().events).containsExactly("0:3", "0:3", "0:end");
    assertThat(rig.seen.only().connection.state).isEqualTo(State.HALF_CLOSED);
  }

  @Test
  void dataAfterAFinIsMalformed() {
    rig.handshake().client(101, 501, ACK | FIN, "abc").client(104, 501, ACK, "x");
    assertThat(rig.booked(LedgerCode.MALFORMED_PACKET) + rig.booked(LedgerCode.RETRANSMISSION)).isEqualTo(1);
    assertThat(rig.seen.only().text(0)).isEqualTo("abc");
  }

  @Test
  void dataOnSyn() {
    rig.client(100, 0, SYN, "early").server(500, 106, SYN | ACK, "answer").client(106, 507, ACK, "");
    assertThat(rig.seen.only().events).containsExactly("0:5", "1:6");
  }

  @Test
  void simultaneousClose() {
    rig.handshake().client(101, 501, ACK | FIN, "").server(501, 101, ACK | FIN, "").client(102, 502, ACK, "").server(502, 102, ACK, "");
    assertThat(rig.seen.only().events).containsExactly("0:end", "1:end", "closed");
  }

  @Test
  void resetAfterSwappedData() {
    rig.handshake().server(509, 101, RST | ACK, "").server(501, 101, ACK, "response");
    assertThat(rig.seen.only().events).containsExactly("1:8", "reset");
  }

  @Test
  void resetWithLostData() {
    rig.handshake().server(509, 101, RST | ACK, "").pass(1.5);
    assertThat(rig.seen.only().events).containsExactly("1:gap 8", "reset");
  }

  @Test
  void refused() {
    rig.client(100, 0, SYN, "").server(0, 101, RST | ACK, "");
    assertThat(rig.seen.only().events).containsExactly("refused");
  }

  @Test
  void aLostFinIsNoLostByte() {
    rig.handshake().client(101, 501, ACK, "x").server(501, 103, ACK, "").server(501, 103, ACK | FIN, "").pass(1.5);
    rig.client(103, 502, ACK, "");
    assertThat(rig.seen.only().events).containsExactly("0:1", "1:end", "closed");
    assertThat(rig.booked(LedgerCode.GAP)).isZero();
  }

  @Test
  void aLostByteIsOneWhenMoreFollows() {
    rig.handshake().client(101, 501, ACK, "x").server(501, 103, ACK, "").pass(1.5).client(103, 501, ACK, "z");
    assertThat(rig.seen.only().text(0)).isEqualTo("x_z");
    assertThat(rig.booked(LedgerCode.GAP)).isEqualTo(1);
  }

  @Test
  void midStreamStart() {
    rig.client(7000, 9000, ACK, "request").server(9000, 7007, ACK, "response").client(7007, 9008, ACK, "");
    assertThat(rig.seen.only().events).containsExactly("0:7", "1:8");
    assertThat(rig.seen.only().connection.midStream).isTrue();
    assertThat(rig.seen.only().connection.clientEnd).isZero();
  }

  @Test
  void theSmallerPortIsTheServer() {
    rig.server(9000, 7000, ACK, "response");
    assertThat(rig.seen.only().connection.clientEnd).isEqualTo(1);
  }

  @Test
  void oneDirectionAlone() {
    rig.client(7000, 9000, ACK, "a");
    for (int i = 0; i < 10; i++) rig.client(7001 + i, 9100 + 100 * i, ACK, "b");
    rig.flush();
    assertThat(rig.seen.only().text(0)).isEqualTo("abbbbbbbbbb");
    assertThat(rig.seen.only().gapBytes[1]).isEqualTo(1000);
  }

  @Test
  void cutSegmentsLeaveAGapOnSnaplen() {
    byte[] frame = Rig.clientFrame(101, 501, ACK, "abcdef");
    rig.handshake().frame(LinkType.ETHERNET, slice(frame, 0, frame.length - 4), frame.length).client(107, 501, ACK, "gh");
    assertThat(rig.seen.only().text(0)).isEqualTo("ab____gh");
    assertThat(rig.booked(LedgerCode.SNAPLEN)).isEqualTo(4);
    assertThat(rig.booked(LedgerCode.GAP)).isZero();
  }

  @Test
  void cutSegmentsThatWaited() {
    byte[] frame = Rig.clientFrame(103, 501, ACK, "cdef");
    rig.handshake().frame(LinkType.ETHERNET, slice(frame, 0, frame.length - 3), frame.length).client(101, 501, ACK, "ab");
    assertThat(rig.seen.only().text(0)).isEqualTo("abc___");
    assertThat(rig.booked(LedgerCode.SNAPLEN)).isEqualTo(3);
  }

  @Test
  void numbersThatAreFarOffAreNotBelievedUntilTheyRepeat() {
    rig.handshake().client(101 + (1 << 28), 501, ACK, "junk").client(101, 501, ACK, "abc");
    assertThat(rig.seen.only().text(0)).isEqualTo("abc");
    assertThat(rig.booked(LedgerCode.MALFORMED_PACKET)).isEqualTo(4);
    rig.client(104, 501 + (1 << 28), ACK, "def").pass(5);
    assertThat(rig.seen.only().text(0)).isEqualTo("abcdef");
    assertThat(rig.seen.only().gapBytes).containsExactly(0, 0);
  }

  @Test
  void excludedConnectionsAreBookedAndNotHandedOver() {
    rig.seen.exclude = LedgerCode.SELF;
    rig.handshake().client(104, 501, ACK, "def").client(101, 501, ACK, "abc").server(501, 107, RST | ACK, "");
    assertThat(rig.booked(LedgerCode.SELF)).isEqualTo(6);
    assertThat(rig.seen.only().events).containsExactly("reset");
  }
}
