package io.kubeshark.hub;

import io.kubeshark.wire.BearerToken;
import java.net.URI;

/** @param uri {@code ws://127.0.0.1:PORT/stream} */
public record WorkerAddress(URI uri, BearerToken token) {}
