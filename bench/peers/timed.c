// timed FD PROGRAM ARGS…: runs it and writes its exit code, wall and CPU seconds (with the children it waited for) and peak
// memory to the file descriptor as JSON. In C because Linux counts what the parent held before exec as the child's peak.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int report = atoi(argv[1]);
  struct timespec from, to;
  struct rusage used;
  int status;
  clock_gettime(CLOCK_MONOTONIC, &from);
  pid_t child = fork();
  if (child == 0) {
    close(report);
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &used) < 0) return 1;
  clock_gettime(CLOCK_MONOTONIC, &to);
  dprintf(report, "{\"exit\":%d,\"wallS\":%.3f,\"userS\":%.3f,\"sysS\":%.3f,\"cpuS\":%.3f,\"rssMB\":%.1f}\n",
          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9,
          seconds(used.ru_utime), seconds(used.ru_stime), seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss / 1024.0);
  return 0;
}
