/**
 * The node's memory: entries and raw packets on disk, bounded by time and size, oldest first out.
 *
 * <pre>
 *   pipeline thread ──► EntryBatcher ─┐ batches            ┌─► EntryStore ──► scans, get
 *   pipeline thread ──► EntryBatcher ─┴──────────► EntryBus┴─► Subscribers (live)
 *   pipeline thread ──► PacketRecorder ──────────► PacketStore ──► packetsOf
 * </pre>
 *
 * Both stores are a {@code SegmentLog}: frames with checksums in segment files, an index in memory that is rebuilt on open.
 */
package io.kubeshark.store;
