package io.kubeshark.kfl;

import java.util.List;

/**
 * What could stand at a place: each option replaces the characters [from, to).
 */
public record Completion(int from, int to, List<Option> options) {
  /**
   * @param type variable, function, value or keyword
   * @param detail type or signature, short
   * @param apply the text to put in
   */
  public record Option(String label, String type, String detail, String doc, String apply) {}
}
