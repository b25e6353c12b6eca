/**
 * HTTP/1.0 and HTTP/1.1 (RFC 9112, RFC 9110): {@link io.kubeshark.dissect.http.HttpHead} reads a message's head into spans,
 * {@link io.kubeshark.dissect.http.HttpRecord} writes them as fields, {@link io.kubeshark.dissect.http.HttpDissector} follows bodies.
 */
package io.kubeshark.dissect.http;
