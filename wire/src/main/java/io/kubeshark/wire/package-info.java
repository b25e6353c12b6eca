/**
 * What worker and hub say to each other: {@code wire.proto}, one {@link io.kubeshark.wire.proto.Envelope} a binary WebSocket frame, and the
 * few things that both ends must do alike. Entries travel as the records that dissect wrote; nothing is re-encoded.
 */
package io.kubeshark.wire;
