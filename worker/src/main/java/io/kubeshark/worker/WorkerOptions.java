package io.kubeshark.worker;

import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.reassembly.ReassemblyLimits;
import io.kubeshark.store.Retention;
import java.nio.file.Path;

/**
 * How a worker runs.
 *
 * @param live whether packets come from the machine: then the pipeline never waits for the disk
 * @param storeParent where the ephemeral store directory is made, or null for {@code storeDirectory}
 * @param storeDirectory a directory that stays, or null for an ephemeral one
 */
public record WorkerOptions(
    WorkerIdentity identity, boolean live, Path storeParent, Path storeDirectory, Retention entries, Retention packets,
    DissectOptions dissect, ReassemblyLimits limits) {}
