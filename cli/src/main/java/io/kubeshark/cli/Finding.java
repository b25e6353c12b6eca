package io.kubeshark.cli;

/**
 * One thing that {@code doctor} found.
 *
 * @param code stable, for scripts
 * @param where node, pod or object that it is about
 * @param remedy what to do, or ""
 */
record Finding(Level level, String code, String where, String text, String remedy) {
  enum Level { OK, NOTE, PROBLEM }

  static Finding ok(String code, String where, String text) {
    return new Finding(Level.OK, code, where, text, "");
  }

  static Finding note(String code, String where, String text, String remedy) {
    return new Finding(Level.NOTE, code, where, text, remedy);
  }

  static Finding problem(String code, String where, String text, String remedy) {
    return new Finding(Level.PROBLEM, code, where, text, remedy);
  }
}
