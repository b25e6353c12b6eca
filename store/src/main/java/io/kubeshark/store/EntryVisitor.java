package io.kubeshark.store;

import io.kubeshark.core.EntryView;

/**
 * What a scan hands its matches to. It holds one of {@value ReadBuffers#READERS_MAX} places for readers while it runs, so it should not
 * wait for anybody: collect a page (with a limit), hand it on, and scan from {@link ScanResult#lastSequence} again.
 */
public interface EntryVisitor {
  /** @param entry valid only during the call @return false to end the scan */
  boolean onEntry(EntryView entry);
}
