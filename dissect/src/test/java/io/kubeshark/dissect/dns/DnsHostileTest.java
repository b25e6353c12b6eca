package io.kubeshark.dissect.dns;

import static io.kubeshark.dissect.dns.DnsCorpus.hex;
import static io.kubeshark.dissect.dns.DnsCorpus.message;
import static io.kubeshark.dissect.dns.DnsCorpus.question;
import static io.kubeshark.dissect.dns.DnsCorpus.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.EntryView;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Entry;
import io.kubeshark.dissect.contract.Replay;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One case a ceiling: what is over it shows as an anomaly, and the next exchange is read as if nothing had been. */
class DnsHostileTest {
  private static final byte[] QUESTION = question("a.example", 16);

  /** The entry of a query that was answered so. */
  private static Entry answered(byte[] response) {
    List<Entry> entries = new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(Conversation.udp("hostile", 53)
        .client(message(1, 0x0100, 1, 0, 0, 0, QUESTION)).server(response)
        .client(message(2, 0x0100, 1, 0, 0, 0, QUESTION)).server(message(2, 0x8180, 1, 0, 0, 0, QUESTION)));
    assertThat(entries).hasSize(2).allMatch(Entry::hasBoth);
    assertThat(entries.getLast().view().anomalies()).isZero();
    return entries.getFirst();
  }

  @Test
  void aNameThatPointsAtItself() {
    assertThat(answered(message(1, 0x8180, 1, 1, 0, 0, QUESTION, record("c01b", 5, 1, "c00c"))).has(Anomaly.COMPRESSION_LOOP)).isTrue();
  }

  @Test
  void aNameThatPointsIntoTheHeader() {
    assertThat(answered(message(1, 0x8180, 1, 1, 0, 0, QUESTION, record("c000", 5, 1, "c00c"))).has(Anomaly.COMPRESSION_LOOP)).isTrue();
  }

  /** A chain of pointers, each behind the other, longer than a name may be. */
  @Test
  void aNameLongerThanNamesAre() {
    byte[][] records = new byte[6][];
    int offset = 12 + QUESTION.length;
    String last = "c00c";
    for (int i = 0; i < records.length; i++) {
      records[i] = record("c00c", 5, 1, "3f" + "61".repeat(63) + last);
      last = String.format("%04x", 0xc000 | offset + 12);
      offset += records[i].length;
    }
    byte[][] parts = new byte[records.length + 1][];
    parts[0] = QUESTION;
    System.arraycopy(records, 0, parts, 1, records.length);
    EntryView view = answered(message(1, 0x8180, 1, records.length, 0, 0, parts)).view();
    assertThat(view.stringValue(view.find(DnsFields.NAME))).isEqualTo("a.example");
    assertThat(view.count(view.find(DnsFields.ANSWERS))).isEqualTo(records.length);
  }

  @Test
  void moreRecordsThanThereAre() {
    Entry entry = answered(message(1, 0x8180, 1, 0xffff, 0xffff, 0xffff, QUESTION, record("c00c", 1, 1, "c0000201")));
    assertThat(entry.has(Anomaly.BAD_LENGTH)).isTrue();
    assertThat(entry.has(Anomaly.INCOMPLETE_MESSAGE)).isTrue();
  }

  @Test
  void moreRecordsThanAreShown() {
    byte[][] parts = new byte[1001][];
    java.util.Arrays.fill(parts, record("c00c", 1, 1, "c0000201"));
    parts[0] = QUESTION;
    Entry entry = answered(message(1, 0x8180, 1, 1000, 0, 0, parts));
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    assertThat(entry.has(Anomaly.BAD_LENGTH)).isFalse();
    assertThat(entry.view().count(entry.view().find(DnsFields.ANSWERS))).isEqualTo(256);
  }

  @Test
  void textLongerThanIsShown() {
    Entry entry = answered(message(1, 0x8180, 1, 1, 0, 0, QUESTION, record("c00c", 16, 1, ("ff" + "41".repeat(255)).repeat(40))));
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
  }

  @Test
  void bytesBehindTheMessage() {
    assertThat(answered(message(1, 0x8180, 1, 0, 0, 0, QUESTION, hex("00".repeat(100)))).has(Anomaly.EXTRA_BYTES)).isTrue();
  }
}
