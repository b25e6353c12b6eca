/**
 * What people and programs read: entries as JSON lines, rows, detail sections, HAR, CSV and terminal tables. One generic code path for
 * all protocols: {@link io.kubeshark.core.ProtocolInfo} and {@link io.kubeshark.core.FieldSpec} say how a field is called and shown.
 *
 * <p>Everything is written straight from record bytes to UTF-8 bytes ({@link io.kubeshark.render.JsonWriter}); text off the wire is
 * escaped here and nowhere else.
 */
package io.kubeshark.render;
