package io.kubeshark.dissect.contract;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What two ends said to each other, in causal order: each step was sent after its sender had received all earlier ones of the other end.
 * Over UDP a step is a datagram. Immutable: {@link #client}, {@link #server} answer a longer conversation.
 *
 * @param name file name of its golden, lower case with dashes
 * @param recovers the last exchange lies in steps of its own and comes back whatever is lost before it. Not so where loss hides a switch
 *     to another protocol, or where one message fills the conversation
 * @param cutShows whether a conversation that is cut short looks cut. Not so if a body ends with its connection
 */
public record Conversation(String name, int transport, int serverPort, boolean recovers, boolean cutShows, List<Step> steps) {

  /** Bytes that one end sends at once. */
  public record Step(Direction sender, byte[] bytes) {}

  public Conversation {
    steps = List.copyOf(steps);
  }

  public static Conversation tcp(String name, int serverPort) {
    return new Conversation(name, Connection.TCP, serverPort, true, true, List.of());
  }

  public static Conversation udp(String name, int serverPort) {
    return new Conversation(name, Connection.UDP, serverPort, true, true, List.of());
  }

  public Conversation client(byte[] bytes) {
    return with(Direction.CLIENT, bytes);
  }

  public Conversation server(byte[] bytes) {
    return with(Direction.SERVER, bytes);
  }

  /** Text as ISO-8859-1, so that any byte can be written as \\u00XX. */
  public Conversation client(String text) {
    return client(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public Conversation server(String text) {
    return server(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Hexadecimal digits, blanks ignored. */
  public Conversation clientHex(String hex) {
    return client(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  public Conversation serverHex(String hex) {
    return server(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  /** The same bytes, each step in pieces. */
  public Conversation inPieces(int bytes) {
    Conversation pieces = new Conversation(name, transport, serverPort, recovers, cutShows, List.of());
    for (Step step : steps) {
      for (int at = 0; at < step.bytes().length; at += bytes) {
        int end = Math.min(step.bytes().length, at + bytes);
        pieces = pieces.with(step.sender(), java.util.Arrays.copyOfRange(step.bytes(), at, end));
      }
    }
    return pieces;
  }

  public Conversation unrecoverable() {
    return new Conversation(name, transport, serverPort, false, cutShows, steps);
  }

  public Conversation endsWithConnection() {
    return new Conversation(name, transport, serverPort, recovers, false, steps);
  }

  public int length() {
    return steps.stream().mapToInt(step -> step.bytes().length).sum();
  }

  public boolean datagrams() {
    return transport == Connection.UDP;
  }

  private Conversation with(Direction sender, byte[] bytes) {
    List<Step> longer = new ArrayList<>(steps);
    longer.add(new Step(sender, bytes));
    return new Conversation(name, transport, serverPort, recovers, cutShows, longer);
  }

  @Override
  public String toString() {
    return name;
  }
}
