package io.kubeshark.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FieldWriterTest {
  private static final FieldSpec NAME = FieldSpec.request(0, "name", FieldType.STRING, "Name", null, "");
  private static final FieldSpec HEADERS = FieldSpec.request(1, "headers", FieldType.MAP, "Headers", null, "");
  private static final FieldSpec BODY = FieldSpec.request(2, "body", FieldType.BODY, "Body", null, "");
  private static final FieldSpec ROWS = FieldSpec.table(3, Direction.CLIENT, "rows", "Rows", null, "", "a", "b");

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A record around the writer's fields, all of them the request's. */
  private static EntryView view(FieldWriter writer) {
    byte[] record = new byte[EntryLayout.HEADER_LENGTH + writer.length()];
    FieldWriter.LE32.set(record, EntryLayout.LENGTH, record.length);
    FieldWriter.LE16.set(record, EntryLayout.VERSION_AT, (short) EntryLayout.VERSION);
    FieldWriter.LE32.set(record, EntryLayout.REQUEST_LENGTH, writer.length());
    System.arraycopy(writer.array(), 0, record, EntryLayout.HEADER_LENGTH, writer.length());
    EntryView view = new EntryView();
    assertThat(view.wrap(record, 0, record.length)).isTrue();
    return view;
  }

  @Test
  void whatIsWrittenIsRead() {
    FieldWriter writer = new FieldWriter(8, 1 << 16);
    writer.stringField(NAME, "Grüße");
    writer.beginMap(HEADERS);
    writer.mapEntry("Host", "a");
    writer.mapEntry("Host", "b");
    writer.endMap();
    writer.beginTable(ROWS);
    writer.row("1", "2");
    writer.endTable();
    byte[] media = bytes("text/plain");
    writer.beginBody(BODY, media, 0, media.length, media, 0, 0, 4);
    writer.body(bytes("hello"), 0, 5);
    writer.endBody();

    EntryView view = view(writer);
    assertThat(view.stringValue(view.find(NAME))).isEqualTo("Grüße");
    int headers = view.find(HEADERS);
    assertThat(view.count(headers)).isEqualTo(2);
    int item = view.firstItem(headers);
    assertThat(view.itemText(item)).isEqualTo("Host");
    assertThat(view.itemText(view.nextItem(view.nextItem(view.nextItem(item))))).isEqualTo("b");
    int rows = view.find(ROWS);
    assertThat(view.columns(rows)).isEqualTo(2);
    assertThat(view.itemText(view.nextItem(view.firstItem(rows)))).isEqualTo("2");
    int body = view.find(BODY);
    assertThat(view.bodyMediaType(body)).isEqualTo("text/plain");
    assertThat(view.bodyContentEncoding(body)).isEmpty();
    assertThat(view.bodyWireLength(body)).isEqualTo(5);
    assertThat(new String(view.array(), view.bodyAt(body), view.bodyLength(body), StandardCharsets.UTF_8)).isEqualTo("hell");
    assertThat(view.bodyFlags(body)).isEqualTo(FieldWriter.BODY_TRUNCATED);
  }

  @Test
  void theLimitCutsAndSaysSo() {
    for (int limit = 0; limit < 120; limit++) {
      FieldWriter writer = new FieldWriter(4, limit);
      writer.stringField(NAME, "0123456789");
      writer.beginMap(HEADERS);
      writer.mapEntry("name", "value");
      writer.mapEntry("name", "value");
      writer.endMap();
      writer.beginBody(BODY, bytes(""), 0, 0, bytes(""), 0, 0, 100);
      writer.body(bytes("0123456789"), 0, 10);
      writer.endBody();
      assertThat(writer.length()).isLessThanOrEqualTo(Math.max(4, limit));
      EntryView view = view(writer);
      for (int field = view.first(Direction.CLIENT); field < view.end(Direction.CLIENT); field = view.next(field)) {
        assertThat(view.fieldType(field)).isNotNull();
      }
      assertThat(writer.truncated()).isEqualTo(writer.length() < 6 + 10 + 8 + 34 + 6 + 13 + 10);
    }
  }

  @Test
  void addressesReadAsTheRfcSays() {
    assertThat(IpAddress.text(0, 0x0000ffff7f000001L)).isEqualTo("127.0.0.1");
    assertThat(IpAddress.text(0, 1)).isEqualTo("::1");
    assertThat(IpAddress.text(0x20010db800000000L, 0x0000000000010000L)).isEqualTo("2001:db8::1:0");
    assertThat(IpAddress.text(0x20010db800010001L, 0x0001000100010001L)).isEqualTo("2001:db8:1:1:1:1:1:1");
    assertThat(IpAddress.text(0, 0)).isEqualTo("::");
  }
}
