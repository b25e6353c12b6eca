package io.kubeshark.dissect.contract;

import io.kubeshark.core.Direction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What reassembly hands over in one call, and the ways to disturb a list of them.
 *
 * @param lost the bytes were never captured: a gap
 * @param position stream position of the first byte
 * @param peerPosition what the sender had received of the other direction
 */
record Segment(Direction sender, byte[] bytes, boolean lost, long position, long peerPosition, long timeNs) {
  private static final long START_NS = 1_700_000_000_000_000_000L;
  private static final long STEP_NS = 1_000_000;

  /** Undisturbed: one segment a step, a millisecond apart. */
  static List<Segment> of(Conversation conversation) {
    Map<Direction, Long> sent = new EnumMap<>(Map.of(Direction.CLIENT, 0L, Direction.SERVER, 0L));
    List<Segment> segments = new ArrayList<>();
    long timeNs = START_NS;
    for (Conversation.Step step : conversation.steps()) {
      long position = sent.get(step.sender());
      segments.add(new Segment(step.sender(), step.bytes(), false, position, sent.get(step.sender().opposite()), timeNs));
      sent.put(step.sender(), position + step.bytes().length);
      timeNs += STEP_NS;
    }
    return segments;
  }

  int length() {
    return bytes.length;
  }

  Segment slice(int from, int to) {
    return new Segment(sender, Arrays.copyOfRange(bytes, from, to), lost, position + from, peerPosition, timeNs);
  }

  Segment asLost() {
    return new Segment(sender, bytes, true, position, peerPosition, timeNs);
  }

  Segment with(byte[] other) {
    return new Segment(sender, other, lost, position, peerPosition, timeNs);
  }

  static int length(List<Segment> segments) {
    return segments.stream().mapToInt(Segment::length).sum();
  }

  /** The segment that byte {@code at} of all of them lies in is cut in two there. */
  static List<Segment> split(List<Segment> segments, int at) {
    List<Segment> result = new ArrayList<>(segments.size() + 1);
    int before = 0;
    for (Segment segment : segments) {
      int within = at - before;
      if (within > 0 && within < segment.length()) {
        result.add(segment.slice(0, within));
        result.add(segment.slice(within, segment.length()));
      } else {
        result.add(segment);
      }
      before += segment.length();
    }
    return result;
  }

  /** Every segment in pieces of this many bytes. */
  static List<Segment> pieces(List<Segment> segments, int bytes) {
    List<Segment> result = new ArrayList<>();
    for (Segment segment : segments) {
      for (int at = 0; at < segment.length(); at += bytes) result.add(segment.slice(at, Math.min(at + bytes, segment.length())));
    }
    return result;
  }

  /** Every segment in pieces of 1 to {@code bytesMax} bytes. */
  static List<Segment> pieces(List<Segment> segments, int bytesMax, Random random) {
    List<Segment> result = new ArrayList<>();
    for (Segment segment : segments) {
      for (int at = 0; at < segment.length(); ) {
        int next = Math.min(segment.length(), at + 1 + random.nextInt(bytesMax));
        result.add(segment.slice(at, next));
        at = next;
      }
    }
    return result;
  }

  /** Bytes [at, at + length) of the segment that byte {@code at} lies in were never captured. */
  static List<Segment> hole(List<Segment> segments, int at, int length) {
    List<Segment> result = new ArrayList<>(segments.size() + 2);
    int before = 0;
    for (Segment segment : segments) {
      int from = at - before;
      before += segment.length();
      if (from < 0 || from >= segment.length()) {
        result.add(segment);
        continue;
      }
      int to = Math.min(segment.length(), from + length);
      if (from > 0) result.add(segment.slice(0, from));
      result.add(segment.slice(from, to).asLost());
      if (to < segment.length()) result.add(segment.slice(to, segment.length()));
    }
    return result;
  }

  /** Only the first bytes of the conversation. */
  static List<Segment> cut(List<Segment> segments, int length) {
    List<Segment> result = new ArrayList<>();
    int left = length;
    for (Segment segment : segments) {
      if (left <= 0) break;
      result.add(left >= segment.length() ? segment : segment.slice(0, left));
      left -= segment.length();
    }
    return result;
  }

  /** Without the first {@code from} segments, positions counted from there: a capture that starts in the middle. */
  static List<Segment> joinedAt(List<Segment> segments, int from) {
    Map<Direction, Long> base = new EnumMap<>(Direction.class);
    List<Segment> rest = segments.subList(from, segments.size());
    for (Segment segment : rest) base.putIfAbsent(segment.sender, segment.position);
    List<Segment> result = new ArrayList<>();
    for (Segment segment : rest) {
      long peerBase = base.getOrDefault(segment.sender.opposite(), segment.peerPosition);
      result.add(new Segment(segment.sender, segment.bytes, segment.lost, segment.position - base.get(segment.sender),
          Math.max(-1, segment.peerPosition - peerBase), segment.timeNs));
    }
    return result;
  }

  /** One to three bytes with a bit or more of them turned. */
  static List<Segment> flipped(List<Segment> segments, Random random) {
    List<Segment> result = new ArrayList<>(segments);
    for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
      int index = random.nextInt(result.size());
      byte[] bytes = result.get(index).bytes.clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      result.set(index, result.get(index).with(bytes));
    }
    return result;
  }
}
