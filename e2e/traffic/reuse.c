// reuse SERVER PORT CONNECTIONS FIRST_PORT: HTTP over short connections, one request each. In every block of 100 the last 17
// come from the source ports of the first 17, so a four-tuple is back after 83 connections – some milliseconds: 8000
// connections use 6640 four-tuples. The server closes first, so it is the one to keep TIME_WAIT and the client may bind the
// port again at once. Prints the complete responses counted and the longest time until a port was used again.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 100, FRESH = 83 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 5) { fprintf(stderr, "reuse SERVER PORT CONNECTIONS FIRST_PORT\n"); return 2; }
  int connections = atoi(argv[3]), first = atoi(argv[4]), complete = 0, ports = 0;
  double *used = calloc(connections, sizeof *used), longest = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &to.sin_addr);
  for (int i = 0; i < connections; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, slot = i / BLOCK * FRESH + i % BLOCK % FRESH;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(first + slot)};
    if (bind(fd, (struct sockaddr *)&from, sizeof from)) { perror("bind"); return 1; }
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); return 1; }
    if (!used[slot]) ports++;
    else if (now() - used[slot] > longest) longest = now() - used[slot];
    used[slot] = now();
    char text[4096];
    int n = snprintf(text, sizeof text, "GET /reuse/%d HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n", i);
    if (write(fd, text, n) != n) { perror("write"); return 1; }
    int have = 0, got;
    while ((got = read(fd, text + have, sizeof text - 1 - have)) > 0) have += got;
    text[have] = 0;
    if (got == 0 && !strncmp(text, "HTTP/1.1 200", 12)) complete++;
    close(fd);
  }
  printf("{\"connections\":%d,\"fourTuples\":%d,\"completeResponses\":%d,\"longestReuseMs\":%.1f}\n", connections, ports, complete, longest * 1e3);
  return complete != connections;
}
