package io.kubeshark.store;

import io.kubeshark.core.EntryView;

/** What a scan hands its matches to. */
public interface EntryVisitor {
  /** @param entry valid only during the call @return false to end the scan */
  boolean onEntry(EntryView entry);
}
