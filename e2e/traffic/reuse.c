// reuse SERVER PORT CONNECTIONS PORTS FIRST_PORT: HTTP over short connections, one request each, from PORTS source
// ports in turn, so that a four-tuple comes back as soon as all others were used. The server closes first, so it is
// the one to keep TIME_WAIT and the client may bind the port again at once. Prints the complete responses counted and
// the shortest time between two uses of a port.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 6) { fprintf(stderr, "reuse SERVER PORT CONNECTIONS PORTS FIRST_PORT\n"); return 2; }
  int connections = atoi(argv[3]), ports = atoi(argv[4]), first = atoi(argv[5]), complete = 0;
  double *used = calloc(ports, sizeof *used), shortest = 1e9;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &to.sin_addr);
  for (int i = 0; i < connections; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1, slot = i % ports;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(first + slot)};
    if (bind(fd, (struct sockaddr *)&from, sizeof from)) { perror("bind"); return 1; }
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); return 1; }
    if (used[slot] && now() - used[slot] < shortest) shortest = now() - used[slot];
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
  printf("{\"connections\":%d,\"fourTuples\":%d,\"completeResponses\":%d,\"shortestReuseMs\":%.1f}\n", connections,
         ports < connections ? ports : connections, complete, shortest < 1e9 ? shortest * 1e3 : 0);
  return complete != connections;
}
