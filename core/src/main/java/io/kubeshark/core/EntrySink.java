package io.kubeshark.core;

/** What dissect hands finished entries to: records of {@link EntryLayout}, valid only during the call. */
public interface EntrySink {
  /** @return false if the entry was refused (queue full); the caller books its bytes as {@link LedgerCode#QUEUE_REFUSED} */
  boolean onEntry(byte[] record, int offset, int length);
}
