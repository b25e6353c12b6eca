package io.kubeshark.cli;

final class Doctor {
  Doctor(Config config) {}

  int run(boolean json) {
    return 0;
  }
}
