package io.kubeshark.kfl;

import java.util.List;

/** What entries hold, for completion: implemented by who has entries. */
public interface ValueSource {
  /** Nothing is known. */
  ValueSource NONE = (variable, prefix, max) -> List.of();

  /**
   * @param variable a name ({@code method}); a map's name for its keys ({@code request.headers}); a map with a key for the values under it
   *     ({@code request.headers["host"]})
   * @param prefix what is typed so far, perhaps ""
   * @return at most {@code max} values that begin with the prefix, the likeliest first; numbers as text
   */
  List<String> values(String variable, String prefix, int max);
}
