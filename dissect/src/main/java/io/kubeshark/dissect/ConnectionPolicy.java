package io.kubeshark.dissect;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LedgerCode;

/** Decides, when a connection appears, whether it is dissected. */
public interface ConnectionPolicy {
  ConnectionPolicy ALL = connection -> null;

  /** The account on which all its payload is booked, or null to dissect it. */
  LedgerCode excludedAs(Connection connection);
}
