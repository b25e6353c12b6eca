/**
 * From the kept bytes of a body to what a person reads: content encodings undone, text told from bytes, forms taken apart. Everything is
 * bounded, and nothing throws because of what the bytes are: they come off the wire and may be cut anywhere.
 */
package io.kubeshark.codec;
