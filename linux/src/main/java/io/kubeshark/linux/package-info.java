/**
 * The kernel, through java.lang.foreign: packet sockets and their rings, poll, eventfd, network namespaces, interfaces, and libpcap's
 * filter compiler. No native code of ours. Needs {@code --enable-native-access=ALL-UNNAMED}; 64-bit little-endian Linux.
 */
package io.kubeshark.linux;
