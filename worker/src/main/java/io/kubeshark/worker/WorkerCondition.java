package io.kubeshark.worker;

import java.util.List;

/**
 * What a worker cannot see, and how it stands with its cluster.
 *
 * @param kubeProblem what is wrong between it and the API server, or ""
 * @param targetedPods of the whole cluster
 */
public record WorkerCondition(List<Blind> blind, int targetedPods, String kubeProblem) {
  public static final WorkerCondition NONE = new WorkerCondition(List.of(), 0, "");

  /** @param code stable; @param remedy what the user can do */
  public record Blind(String code, String text, String remedy) {}
}
