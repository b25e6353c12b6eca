package io.kubeshark.core;

/** What a record can say of who an end is ({@link EntryNames}). Ordinals are the fields' ids in records: only append. */
public enum NamePart {
  /** What people call it. Written only where it is none of SERVICE, POD, NODE and DNS, the first of which else stands for it. */
  NAME,
  /** Of the pod, else of the service. */
  NAMESPACE,
  POD,
  SERVICE,
  /** Written only where it differs from NAMESPACE, which else stands for it. */
  SERVICE_NAMESPACE,
  NODE,
  /** Name of a host outside the cluster, by captured DNS answers. */
  DNS,
  /** A MAP; all others are STRINGs. */
  LABELS
}
