/** Redis serialization protocol, versions 2 and 3 (redis.io/docs/latest/develop/reference/protocol-spec). */
package io.kubeshark.dissect.redis;
