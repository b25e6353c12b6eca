package io.kubeshark.worker;

/**
 * @param worker first part of entry ids: {@code local} on one machine, else unique in the cluster
 * @param node the machine's name
 * @param nodeIp its address, or ""
 * @param version of this program
 * @param backend what captures: {@code af_packet} or {@code file}
 * @param source what is captured, for people: "all interfaces", "lo", a file's name
 */
public record WorkerIdentity(String worker, String node, String nodeIp, String version, String backend, String source) {}
