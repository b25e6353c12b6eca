package io.kubeshark.wire;

import io.kubeshark.core.Direction;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.wire.proto.Field;
import io.kubeshark.wire.proto.Protocol;
import java.util.ArrayList;
import java.util.List;

/** A worker's schema on the wire, so that the hub can read records of protocols that it was not built with. */
public final class SchemaCodec {
  private SchemaCodec() {}

  public static List<Protocol> encode(Schema schema) {
    return schema.protocols().stream().map(SchemaCodec::encode).toList();
  }

  private static Protocol encode(ProtocolInfo info) {
    Protocol.Builder protocol = Protocol.newBuilder()
        .setId(info.id()).setLongName(info.longName()).setAbbreviation(info.abbreviation()).setLayer(info.layer())
        .setBackgroundColor(info.backgroundColor()).setForegroundColor(info.foregroundColor()).setReferenceLink(info.referenceLink())
        .addAllPorts(info.ports()).addAllFlags(info.flags())
        .setRowMethod(column(info.row().method())).setRowStatus(column(info.row().status())).setRowSummary(column(info.row().summary()));
    for (FieldSpec field : info.fields()) {
      protocol.addFields(Field.newBuilder()
          .setId(field.id()).setDirection(field.direction().ordinal()).setName(field.name()).setType(field.type().ordinal())
          .setTitle(field.title()).setVariable(field.variable() == null ? "" : field.variable()).setDoc(field.doc()).addAllColumns(field.columns()));
    }
    return protocol.build();
  }

  private static int column(FieldSpec field) {
    return field == null ? 0 : field.id() + 1;
  }

  /** @throws IllegalArgumentException if a protocol contradicts itself */
  public static Schema decode(List<Protocol> protocols) {
    return new Schema(protocols.stream().map(SchemaCodec::decode).toList());
  }

  private static ProtocolInfo decode(Protocol protocol) {
    List<FieldSpec> fields = new ArrayList<>();
    for (Field field : protocol.getFieldsList()) {
      FieldType type = FieldType.of(field.getType());
      if (type == null) throw new IllegalArgumentException(protocol.getId() + ": field " + field.getName() + " has unknown type " + field.getType());
      fields.add(new FieldSpec(field.getId(), field.getDirection() == 0 ? Direction.CLIENT : Direction.SERVER, field.getName(), type,
          field.getTitle(), field.getVariable().isEmpty() ? null : field.getVariable(), field.getDoc(), field.getColumnsList()));
    }
    ProtocolInfo.Row row = new ProtocolInfo.Row(
        column(fields, protocol.getRowMethod()), column(fields, protocol.getRowStatus()), column(fields, protocol.getRowSummary()));
    return new ProtocolInfo(protocol.getId(), protocol.getLongName(), protocol.getAbbreviation(), protocol.getLayer(), protocol.getBackgroundColor(),
        protocol.getForegroundColor(), protocol.getReferenceLink(), protocol.getPortsList(), protocol.getFlagsList(), row, fields);
  }

  private static FieldSpec column(List<FieldSpec> fields, int number) {
    return number == 0 || number > fields.size() ? null : fields.get(number - 1);
  }
}
