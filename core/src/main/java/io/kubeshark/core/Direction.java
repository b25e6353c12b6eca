package io.kubeshark.core;

/** Who speaks: the client (it opened the connection, it asks) or the server. */
public enum Direction {
  CLIENT, SERVER;

  public Direction opposite() {
    return this == CLIENT ? SERVER : CLIENT;
  }
}
