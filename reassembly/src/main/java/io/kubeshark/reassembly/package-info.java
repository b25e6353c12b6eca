/** Packets in, ordered bytes of connections out: links, IP, tunnels, fragments, TCP order and holes, UDP flows, connection health. */
package io.kubeshark.reassembly;
