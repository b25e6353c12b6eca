/**
 * What the Kubernetes API knows: who has which address and had it when, which pods are targets, cluster events. Keeps what it knows
 * while the API server is away.
 */
package io.kubeshark.kube;
