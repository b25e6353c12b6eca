package io.kubeshark.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryNames;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Identity;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.wire.proto.Account;
import io.kubeshark.wire.proto.Protocol;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WireTest {
  @Test
  void schemaComesBackAsItWas() throws InvalidProtocolBufferException {
    FieldSpec method = FieldSpec.request(0, "method", FieldType.STRING, "Method", "method", "The method.");
    FieldSpec code = FieldSpec.response(1, "code", FieldType.INT, "Code", null, "The code.");
    FieldSpec answers = new FieldSpec(2, Direction.SERVER, "answers", FieldType.TABLE, "Answers", null, "All.", List.of("name", "ttl"));
    Schema schema = new Schema(List.of(new ProtocolInfo("x", "X protocol", "X", "l7", "#123456", "#fff", "https://x", List.of(80, 65535),
        List.of("x", "xy"), new ProtocolInfo.Row(method, code, null), List.of(method, code, answers))));

    List<Protocol> parsed = new ArrayList<>();
    for (Protocol protocol : SchemaCodec.encode(schema)) parsed.add(Protocol.parseFrom(protocol.toByteArray()));

    assertThat(SchemaCodec.decode(parsed).protocols()).containsExactlyElementsOf(schema.protocols());
  }

  @Test
  void schemaWithAFieldTypeOfAnotherVersionIsRefused() {
    Protocol protocol = Protocol.newBuilder().setId("x")
        .addFields(io.kubeshark.wire.proto.Field.newBuilder().setName("odd").setType(99)).build();
    assertThatThrownBy(() -> SchemaCodec.decode(List.of(protocol))).hasMessageContaining("odd").hasMessageContaining("99");
  }

  @Test
  void ledgerKeepsEveryAccountAndItsBalance() {
    Ledger ledger = new Ledger();
    long wire = 7;
    for (LedgerCode code : LedgerCode.values()) {
      ledger.add(code, 1000L + code.ordinal(), code.ordinal());
      wire += 1000L + code.ordinal();
    }
    ledger.wire(wire);

    Ledger back = LedgerCodec.decode(LedgerCodec.encode(ledger));

    assertThat(back.wire()).isEqualTo(wire);
    assertThat(back.pending()).isEqualTo(7);
    for (LedgerCode code : LedgerCode.values()) {
      assertThat(back.bytes(code)).as(code.code).isEqualTo(1000L + code.ordinal());
      assertThat(back.packets(code)).as(code.code).isEqualTo(code.ordinal());
    }
  }

  @Test
  void accountOfAnotherVersionStaysPending() {
    var counts = LedgerCodec.encode(new Ledger()).toBuilder().setWire(10).addAccounts(Account.newBuilder().setCode("from-the-future").setBytes(10)).build();
    assertThat(LedgerCodec.decode(counts).pending()).isEqualTo(10);
  }

  @Test
  void tokenMatchesOnlyItself() {
    BearerToken token = BearerToken.random();
    assertThat(token.matches(token.header())).isTrue();
    assertThat(token.matches(BearerToken.random().header())).isFalse();
    assertThat(token.matches(token.header() + "0")).isFalse();
    assertThat(token.matches("")).isFalse();
    assertThat(token.matches(null)).isFalse();
    assertThat(token.toString()).doesNotContain(token.header().substring(10));
    assertThatThrownBy(() -> new BearerToken(" ")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void recordsAreReadOneAfterTheOtherAndDamageEndsThem() {
    byte[] two = new byte[2 * EntryLayout.HEADER_LENGTH + 3];
    for (int i = 0; i < 2; i++) {
      ByteBuffer record = ByteBuffer.wrap(two, i * EntryLayout.HEADER_LENGTH, EntryLayout.HEADER_LENGTH).slice().order(ByteOrder.LITTLE_ENDIAN);
      record.putInt(EntryLayout.LENGTH, EntryLayout.HEADER_LENGTH).putShort(EntryLayout.VERSION_AT, (short) EntryLayout.VERSION);
      record.putLong(EntryLayout.SEQUENCE, 40 + i);
    }
    List<Long> sequences = new ArrayList<>();
    Records.Visitor visitor = record -> sequences.add(record.sequence());

    assertThat(Records.forEach(two, 0, 2 * EntryLayout.HEADER_LENGTH, new EntryView(), visitor)).isTrue();
    assertThat(sequences).containsExactly(40L, 41L);
    assertThat(Records.forEach(two, 0, two.length, new EntryView(), visitor)).isFalse();
    assertThat(Records.forEach(two, 0, two.length - 4, new EntryView(), visitor)).isFalse();
  }

  @Test
  void recordsLoseTheKeptBytesOfTheirBodiesAndNothingElse() {
    FieldSpec before = FieldSpec.request(0, "before", FieldType.STRING, "Before", null, "");
    FieldSpec asked = FieldSpec.request(1, "asked", FieldType.BODY, "Asked", null, "");
    FieldSpec answered = FieldSpec.response(2, "answered", FieldType.BODY, "Answered", null, "");
    FieldSpec after = FieldSpec.response(3, "after", FieldType.INT, "After", null, "");
    FieldWriter request = new FieldWriter(64, 1 << 20);
    FieldWriter response = new FieldWriter(64, 1 << 20);
    request.stringField(before, "b");
    byte[] words = "text/plainbrhello".getBytes(StandardCharsets.US_ASCII);
    for (FieldSpec body : new FieldSpec[] {asked, answered}) {
      FieldWriter out = body == asked ? request : response;
      out.beginBody(body, words, 0, 10, words, 10, 2, 100);
      out.body(words, 12, 5);
      out.endBody();
    }
    response.intField(after, 42);
    int length = EntryLayout.HEADER_LENGTH + request.length() + response.length();
    byte[] record = new byte[7 + length];
    ByteBuffer.wrap(record, 7, length).slice().order(ByteOrder.LITTLE_ENDIAN).putInt(EntryLayout.LENGTH, length)
        .putShort(EntryLayout.VERSION_AT, (short) EntryLayout.VERSION).putLong(EntryLayout.STREAM, 99)
        .putInt(EntryLayout.REQUEST_LENGTH, request.length()).putInt(EntryLayout.RESPONSE_LENGTH, response.length());
    System.arraycopy(request.array(), 0, record, 7 + EntryLayout.HEADER_LENGTH, request.length());
    System.arraycopy(response.array(), 0, record, 7 + EntryLayout.HEADER_LENGTH + request.length(), response.length());
    EntryNames names = new EntryNames();
    int named = names.write(record, 7, length, null, new Identity("cart", "shop", "cart", "", "", "node-1", Map.of("app", "cart")));
    EntryView whole = new EntryView();
    assertThat(whole.wrap(names.array(), 0, named)).isTrue();

    byte[] target = new byte[3 + named];
    int copied = Records.copyWithoutBodies(whole, target, 3);

    EntryView rest = new EntryView();
    assertThat(copied).isEqualTo(named - 10);
    assertThat(rest.wrap(target, 3, copied)).isTrue();
    assertThat(rest.nameText(Direction.SERVER, NamePart.NODE)).isEqualTo("node-1");
    assertThat(rest.stream()).isEqualTo(99);
    assertThat(rest.stringValue(rest.find(before))).isEqualTo("b");
    assertThat(rest.intValue(rest.find(after))).isEqualTo(42);
    for (FieldSpec body : new FieldSpec[] {asked, answered}) {
      int field = rest.find(body);
      assertThat(rest.bodyLength(field)).isZero();
      assertThat(rest.bodyWireLength(field)).isEqualTo(5);
      assertThat(rest.bodyMediaType(field)).isEqualTo("text/plain");
      assertThat(rest.bodyContentEncoding(field)).isEqualTo("br");
    }
  }

  @Test
  void otherVersionsAreToldWhatToDo() {
    assertThat(Wire.versionProblem(Wire.VERSION, "worker vm")).isNull();
    assertThat(Wire.versionProblem(Wire.VERSION + 1, "worker vm")).contains("worker vm").contains("same release");
  }
}
