package io.kubeshark.kfl;

import io.kubeshark.core.Direction;
import io.kubeshark.core.NamePart;
import java.util.ArrayList;
import java.util.List;

/** Nodes that read who is at an entry's ends ({@link io.kubeshark.core.EntryNames}). What is not known is "" or empty. */
final class Ends {
  private Ends() {}

  /** Which end of an entry. */
  enum End {
    SRC, DST,
    /** On the node that captured it: the server where it is there, else the client. Both may be. */
    LOCAL,
    REMOTE;

    Direction of(Evaluation e) {
      return switch (this) {
        case SRC -> Direction.CLIENT;
        case DST -> Direction.SERVER;
        case LOCAL -> local(e);
        case REMOTE -> local(e).opposite();
      };
    }

    private static Direction local(Evaluation e) {
      int node = e.view.name(Direction.SERVER, NamePart.NODE);
      if (node < 0) return Direction.CLIENT;
      int at = e.view.valueAt(node);
      boolean here = java.util.Arrays.equals(e.array, at, at + e.view.valueLength(node), e.node, 0, e.node.length);
      return here ? Direction.SERVER : Direction.CLIENT;
    }
  }

  /** A part of an end's name, as the field that holds it. */
  record Place(End end, NamePart part) implements Fields.Finder {
    @Override
    public int find(Evaluation e) {
      return e.view.name(end.of(e), part);
    }
  }

  static final class Text extends Node.OfString {
    private final Place place;

    Text(Place place) {
      this.place = place;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      int field = place.find(e);
      if (field < 0) out.set(e.array, 0, 0);
      else out.set(e.array, e.view.valueAt(field), e.view.valueLength(field));
      return true;
    }

    @Override
    int cost() {
      return COST_FIELD;
    }
  }

  /** What both ends are called, the client first; the same name once. */
  static final class Both extends Fields.OfList {
    private final NamePart part;

    Both(NamePart part) {
      this.part = part;
    }

    @Override
    Object object(Evaluation e) {
      List<Object> names = new ArrayList<>(2);
      for (Direction side : Direction.values()) {
        int field = e.view.name(side, part);
        String name = field < 0 ? null : e.view.stringValue(field);
        if (name != null && !names.contains(name)) names.add(name);
      }
      return names;
    }

    @Override
    boolean contains(Evaluation e, Slice wanted, Slice scratch) {
      return is(Direction.CLIENT, e, wanted, scratch) || is(Direction.SERVER, e, wanted, scratch);
    }

    private boolean is(Direction side, Evaluation e, Slice wanted, Slice scratch) {
      int field = e.view.name(side, part);
      if (field < 0) return false;
      scratch.set(e.array, e.view.valueAt(field), e.view.valueLength(field));
      return scratch.is(wanted);
    }
  }
}
