/**
 * What every stage speaks: packets, connections, fields, entries, the ledger. No I/O, no threads, no dependency.
 *
 * <p>The stages meet in four interfaces, in the order in which data moves: {@link io.kubeshark.core.PacketHandler} (capture →
 * reassembly), {@link io.kubeshark.core.StreamHandler} (reassembly → dissect), {@link io.kubeshark.core.EntrySink} (dissect → store) and
 * {@link io.kubeshark.core.PacketTap} (reassembly → packet store).
 */
package io.kubeshark.core;
