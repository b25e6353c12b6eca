package io.kubeshark.reassembly;

import static io.kubeshark.reassembly.Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection.State;
import io.kubeshark.core.LedgerCode;
import org.junit.jupiter.api.Test;

class TcpLifeTest {
  private final Rig rig = new Rig();

  private void whole(int clientIsn, int serverIsn) {
    rig.client(clientIsn, 0, SYN, "").server(serverIsn, clientIsn + 1, SYN | ACK, "").client(clientIsn + 1, serverIsn + 1, ACK, "q")
        .server(serverIsn + 1, clientIsn + 2, ACK | FIN, "a").client(clientIsn + 2, serverIsn + 3, ACK | FIN, "")
        .server(serverIsn + 3, clientIsn + 3, ACK, "");
  }

  @Test
  void aPortThatIsUsedAgainAtOnceIsAnotherConnectionEachTime() {
    for (int i = 0; i < 1000; i++) whole(i * 16_000, i * 17_000 + 5);
    assertThat(rig.seen.connections).hasSize(1000);
    assertThat(rig.seen.connections.values()).allSatisfy(seen -> assertThat(seen.events).containsExactly("0:1", "1:1", "1:end", "0:end", "closed"));
    assertThat(rig.reassembler.connectionsTracked()).isEqualTo(1);
  }

  @Test
  void aRetransmittedSynIsNotAnotherConnection() {
    rig.client(100, 0, SYN, "").client(100, 0, SYN, "").server(500, 101, SYN | ACK, "").client(100, 0, SYN, "").server(500, 101, SYN | ACK, "")
        .client(101, 501, ACK, "abc").client(100, 0, SYN, "");
    assertThat(rig.seen.only().text(0)).isEqualTo("abc");
  }

  @Test
  void aNewSynEndsWhatWasOpen() {
    rig.handshake().client(101, 501, ACK, "abc");
    whole(90_000, 80_000);
    assertThat(rig.seen.connections).hasSize(2);
    assertThat(rig.seen.get(0).connection.state).isEqualTo(State.TIMED_OUT);
  }

  @Test
  void theLastAckOfTheOldConnectionMayComeAfterTheNewSyn() {
    rig.handshake().client(101, 501, ACK | FIN, "").server(501, 102, ACK | FIN, "");
    rig.client(70_000, 0, SYN, "").client(102, 502, ACK, "").server(50_000, 70_001, SYN | ACK, "").client(70_001, 50_001, ACK, "q")
        .server(50_001, 70_002, ACK, "a").flush();
    assertThat(rig.seen.connections).hasSize(2);
    assertThat(rig.seen.get(0).connection.state).isEqualTo(State.CLOSED);
    assertThat(rig.seen.get(1).events).containsExactly("0:1", "1:1", "capture-ended");
    assertThat(rig.booked(LedgerCode.GAP)).isZero();
  }

  @Test
  void latePacketsOfAClosedConnectionAreNoNewOne() {
    whole(100, 500);
    rig.client(102, 503, ACK | FIN, "").server(503, 103, ACK, "").server(501, 102, ACK, "a");
    assertThat(rig.seen.connections).hasSize(1);
    assertThat(rig.booked(LedgerCode.RETRANSMISSION)).isEqualTo(1);
  }

  @Test
  void dataBehindAReset() {
    rig.handshake().server(501, 101, RST | ACK, "").client(101, 501, ACK, "in flight");
    assertThat(rig.booked(LedgerCode.LATE)).isEqualTo(9);
    assertThat(rig.seen.connections).hasSize(1);
  }

  @Test
  void aClosedConnectionIsForgottenAfterItsLinger() {
    whole(100, 500);
    rig.pass(10.5);
    assertThat(rig.reassembler.connectionsTracked()).isZero();
  }

  @Test
  void withoutTheLastAckAConnectionClosesByTime() {
    rig.handshake().client(101, 501, ACK | FIN, "").server(501, 102, ACK | FIN, "");
    assertThat(rig.seen.only().closed).isFalse();
    rig.pass(2.5);
    assertThat(rig.seen.only().connection.state).isEqualTo(State.CLOSED);
  }

  @Test
  void halfOpenAndIdleTimeouts() {
    rig.client(100, 0, SYN, "").pass(29);
    assertThat(rig.seen.only().closed).isFalse();
    rig.pass(2);
    assertThat(rig.seen.only().connection.state).isEqualTo(State.TIMED_OUT);

    Rig open = new Rig();
    open.handshake().pass(1000).client(101, 501, ACK, "x").pass(1000);
    assertThat(open.seen.only().closed).isFalse();
    open.pass(201);
    assertThat(open.seen.only().connection.state).isEqualTo(State.TIMED_OUT);
    assertThat(open.reassembler.connectionsTracked()).isZero();
  }

  @Test
  void theLeastRecentlyUsedConnectionIsEvicted() {
    Rig small = new Rig(ReassemblyLimits.DEFAULT.withConnections(3));
    for (int port = 1; port <= 3; port++) small.frame(ethernet(ipv4(Rig.A, Rig.B, 17, udp(port, 9, "x".getBytes()))));
    small.frame(ethernet(ipv4(Rig.A, Rig.B, 17, udp(1, 9, "y".getBytes()))));
    small.frame(ethernet(ipv4(Rig.A, Rig.B, 17, udp(4, 9, "z".getBytes()))));
    assertThat(small.seen.get(1).connection.state).isEqualTo(State.EVICTED);
    assertThat(small.seen.get(0).closed).isFalse();
    assertThat(small.reassembler.connectionsEvicted()).isEqualTo(1);
  }

  @Test
  void evictionHandsOverWhatWaited() {
    Rig small = new Rig(ReassemblyLimits.DEFAULT.withConnections(1));
    small.handshake().client(104, 501, ACK, "def").frame(ethernet(ipv4(Rig.A, Rig.B, 17, udp(4, 9, "z".getBytes()))));
    assertThat(small.seen.get(0).events).containsExactly("0:gap 3", "0:3", "evicted");
  }

  @Test
  void theEndOfTheCapture() {
    rig.handshake().client(104, 501, ACK, "def").flush();
    assertThat(rig.seen.only().events).containsExactly("0:gap 3", "0:3", "capture-ended");
  }

  @Test
  void copiesFromOtherInterfacesAreDuplicates() {
    byte[][] frames = {
      Rig.clientFrame(100, 0, SYN, ""), Rig.serverFrame(500, 101, SYN | ACK, ""), Rig.clientFrame(101, 501, ACK, "request"),
      Rig.serverFrame(501, 108, ACK, "response"), Rig.clientFrame(108, 509, RST | ACK, "")};
    long duplicates = 0;
    for (byte[] frame : frames) {
      for (int i : new int[] {5, 3, 9}) {
        rig.interfaceIndex = i;
        rig.frame(frame);
        if (i != 5) duplicates += frame.length;
      }
    }
    assertThat(rig.seen.only().events).containsExactly("0:7", "1:8", "reset");
    assertThat(rig.seen.only().connection.packets).containsExactly(3, 2);
    assertThat(rig.booked(LedgerCode.DUPLICATE)).isEqualTo(duplicates);
    assertThat(rig.booked(LedgerCode.RETRANSMISSION)).isZero();
  }

  @Test
  void anotherInterfaceTakesOverWhenTheOwnerIsSilent() {
    rig.handshake().client(101, 501, ACK, "a");
    rig.interfaceIndex = 7;
    rig.client(102, 501, ACK, "b");
    assertThat(rig.seen.only().text(0)).isEqualTo("a");
    rig.pass(1.5).client(102, 501, ACK, "b").client(103, 501, ACK, "c");
    assertThat(rig.seen.only().text(0)).isEqualTo("abc");
  }

  @Test
  void directionsMayTakeDifferentInterfaces() {
    rig.handshake();
    for (int i = 0; i < 3; i++) {
      rig.interfaceIndex = 2;
      rig.client(101 + i, 501 + i, ACK, "q");
      rig.server(501 + i, 102 + i, ACK, "a");
    }
    assertThat(rig.seen.only().events).hasSize(6);
    Rig asymmetric = new Rig();
    asymmetric.client(100, 0, SYN, "");
    asymmetric.interfaceIndex = 3;
    asymmetric.server(500, 101, SYN | ACK, "").server(501, 101, ACK, "hello");
    asymmetric.interfaceIndex = 2;
    asymmetric.client(101, 506, ACK, "thanks");
    assertThat(asymmetric.seen.only().events).containsExactly("1:5", "0:6");
  }

  @Test
  void udpFlows() {
    byte[] query = ethernet(ipv4(Rig.A, Rig.B, 17, udp(5000, 53, "query".getBytes())));
    byte[] answer = ethernet(ipv4(Rig.B, Rig.A, 17, udp(53, 5000, "answer".getBytes())));
    rig.frame(query).frame(answer).pass(29).frame(query).pass(29).frame(answer);
    assertThat(rig.seen.datagrams).containsExactly("0:query", "1:answer", "0:query", "1:answer");
    assertThat(rig.seen.only().closed).isFalse();
    rig.pass(31);
    assertThat(rig.seen.only().connection.state).isEqualTo(State.TIMED_OUT);
    rig.frame(query);
    assertThat(rig.seen.connections).hasSize(2);
  }
}
