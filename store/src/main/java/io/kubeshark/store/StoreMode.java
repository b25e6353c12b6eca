package io.kubeshark.store;

/** What happens when the disk is slower than the pipeline. */
public enum StoreMode {
  /** The pipeline never waits: what finds no free buffer is refused and counted. */
  LIVE,
  /** The pipeline waits for a free buffer: nothing is lost, a replay gives the same store. */
  FILE
}
