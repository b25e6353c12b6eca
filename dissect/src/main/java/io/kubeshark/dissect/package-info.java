/**
 * From ordered bytes to entries. {@link io.kubeshark.dissect.Protocol} and {@link io.kubeshark.dissect.Dissector} are what a protocol
 * implements, one package each; {@link io.kubeshark.dissect.Runner} is the one loop that recognises, parses, resynchronises, pairs and
 * writes entries for all of them.
 */
package io.kubeshark.dissect;
