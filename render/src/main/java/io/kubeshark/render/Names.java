package io.kubeshark.render;

/**
 * Who saw an entry.
 *
 * @param worker the worker's name, first part of entry ids ({@code local} on one machine)
 * @param node the machine's name
 * @param nodeIp its address, or ""
 */
public record Names(String worker, String node, String nodeIp) {}
