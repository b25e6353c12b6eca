package io.kubeshark.capture;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sentences for the operator, each once. Any thread. */
final class Notes {
  private static final int NOTES_MAX = 32;
  private final List<String> sentences = new CopyOnWriteArrayList<>();

  void add(String sentence) {
    if (sentences.size() < NOTES_MAX && !sentences.contains(sentence)) sentences.add(sentence);
  }

  List<String> list() {
    return List.copyOf(sentences);
  }
}
