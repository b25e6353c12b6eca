package io.kubeshark.kube;

/**
 * Something that happened in the cluster: an Event object, or what a pod's status told (a container's restart, OOMKilled).
 *
 * @param timeNs epoch, when it last happened
 * @param uid of the event object, or of the pod
 * @param kind of the object that it is about: Pod, Deployment, Node
 * @param name of that object
 * @param type Normal or Warning
 * @param count how often it happened so far
 * @param container that it is about, or ""
 * @param node where, or ""
 */
public record KubernetesEvent(
    long timeNs, String uid, String kind, String namespace, String name, String reason, String type, String message, int count, String container,
    String node) {
  public boolean warning() {
    return type.equals("Warning");
  }
}
