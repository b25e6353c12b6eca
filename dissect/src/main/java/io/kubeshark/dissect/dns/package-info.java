/** The Domain Name System over UDP and TCP (RFC 1035, 3596, 2782, 6891, 7766, 9460), multicast DNS (RFC 6762). */
package io.kubeshark.dissect.dns;
