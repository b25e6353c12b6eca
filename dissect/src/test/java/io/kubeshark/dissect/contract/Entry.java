package io.kubeshark.dissect.contract;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** A record that came out of the runner, a copy. */
public record Entry(byte[] record) {

  public EntryView view() {
    EntryView view = new EntryView();
    if (!view.wrap(record, 0, record.length)) throw new AssertionError("the runner wrote a record that is none, " + record.length + " bytes");
    return view;
  }

  public boolean isExchange() {
    return view().kind() == EntryLayout.Kind.EXCHANGE;
  }

  public boolean has(int flag) {
    return view().has(flag);
  }

  public boolean has(Anomaly anomaly) {
    return (view().anomalies() & anomaly.bit()) != 0;
  }

  public boolean hasBoth() {
    return !has(EntryLayout.FLAG_NO_REQUEST) && !has(EntryLayout.FLAG_NO_RESPONSE);
  }

  /** Whether nothing in it is said to be doubtful or missing. */
  public boolean isSound() {
    return !has(EntryLayout.FLAG_AFTER_GAP) && !has(EntryLayout.FLAG_INCOMPLETE) && !has(Anomaly.BODY_HOLE);
  }

  /** The bytes of one side's fields, to be compared with others; empty if that side is missing. */
  ByteBuffer side(Direction direction) {
    EntryView view = view();
    int first = view.first(direction);
    return ByteBuffer.wrap(record, first, view.end(direction) - first).slice();
  }

  /** Both sides, so that a wrong pair shows. */
  public Pair pair() {
    return new Pair(side(Direction.CLIENT), side(Direction.SERVER));
  }

  public record Pair(ByteBuffer request, ByteBuffer response) {}

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry entry && Arrays.equals(record, entry.record);
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(record));
  }

  @Override
  public String toString() {
    return EntryText.of(this);
  }
}
