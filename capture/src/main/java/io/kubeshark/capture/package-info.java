/**
 * Where packets come from: the kernel's rings ({@code AfPacketSource}) or a file ({@link io.kubeshark.capture.PcapFile}), both handing
 * frames to a {@link io.kubeshark.core.PacketHandler}; and capture files out of packets.
 *
 * <p>Frames travel as {@code byte[]}. A ring's block is copied once, in bulk, into a reused array and given back to the kernel at once:
 * the ring is free while the packets are worked on, everything downstream has one type profile and is fast while the JVM is still cold
 * (MemorySegment access is as fast only once compiled by C2), and files and rings look the same. The copy costs about 0.1 ns a byte.
 */
package io.kubeshark.capture;
