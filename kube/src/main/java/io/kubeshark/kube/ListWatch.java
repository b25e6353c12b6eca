package io.kubeshark.kube;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One kind of object, listed once and then watched, over and over: a lost watch goes on where it was, one that is too far behind (410 Gone)
 * is listed anew. Lists are read object by object, so that memory does not grow with the cluster.
 */
final class ListWatch implements Runnable {
  private static final long BACKOFF_MIN_MS = 200;
  private static final long BACKOFF_MAX_MS = 5_000;
  /** A watch that ended sooner is not opened again at once. */
  private static final long STABLE_NS = 1_000_000_000L;
  /** The server ends a watch after this; a quiet connection that a middlebox has forgotten is found out then at the latest. */
  private static final int WATCH_S = 240;
  private static final long SILENCE_MAX_NS = (WATCH_S + 20) * 1_000_000_000L;
  /** Servers that send bookmarks do so every minute. */
  private static final long BOOKMARK_SILENCE_MAX_NS = 150_000_000_000L;

  /** What becomes of the objects. Called by one thread. */
  interface Sink {
    void put(JsonNode object);

    /** @param object as it was last, or, after a list without it, only its namespace and name */
    void delete(JsonNode object);
  }

  /** Where they are; may have to ask the server. Asked before each list. */
  interface Place {
    String path() throws IOException;
  }

  private final KubeApi api;
  private final String what;
  private final Place place;
  private final Sink sink;
  private final LongSupplier clockNs;
  private final Set<String> known = new HashSet<>();
  /** Where the last list was taken; what is watched must be of the same kind. */
  private String path = "";
  /** Where the watch goes on; null: to be listed. */
  private String version;
  /** A list must not be older than what was seen already; "0": whatever the server has at hand, "": the newest. */
  private String atLeast = "0";
  /** Something came since the last failure. */
  private boolean progress;
  private volatile boolean closed;
  private volatile boolean settled;
  private volatile String problem = "";
  private volatile boolean refused;
  private volatile long contactNs;
  private volatile boolean bookmarks;
  private volatile InputStream open;
  private volatile Thread thread;
  private volatile long lists;

  /** @param what plural, for people */
  ListWatch(KubeApi api, String what, Place place, Sink sink, LongSupplier clockNs) {
    this.api = api;
    this.what = what;
    this.place = place;
    this.sink = sink;
    this.clockNs = clockNs;
  }

  /** Asked for something older than the server remembers. */
  private static final class Gone extends IOException {}

  @Override
  public void run() {
    thread = Thread.currentThread();
    long backoffMs = BACKOFF_MIN_MS;
    while (!closed) {
      long before = clockNs.getAsLong();
      progress = false;
      try {
        if (version == null) list();
        settled = true;
        watch();
        backoffMs = clockNs.getAsLong() - before > STABLE_NS ? 0 : BACKOFF_MIN_MS;
      } catch (Gone e) {
        version = null;
        atLeast = "";
        backoffMs = BACKOFF_MIN_MS;
      } catch (KubeApi.Refused e) {
        failed(e);
        backoffMs = Math.clamp(backoffMs * 2, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
      } catch (IOException | JacksonException e) {
        if (!closed) problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        // From the second time in a row on it takes longer.
        backoffMs = progress ? BACKOFF_MIN_MS : Math.clamp(backoffMs * 2, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
      } catch (RuntimeException e) {
        // An object of a shape that nobody thought of must not end the watch.
        problem = what + ": " + e;
        version = null;
        backoffMs = BACKOFF_MAX_MS;
      }
      if (!closed && backoffMs > 0) pause(backoffMs);
    }
  }

  private void failed(KubeApi.Refused said) {
    refused = said.status == 401 || said.status == 403 || said.status == 404;
    problem = (refused ? "may not watch " : "") + what + ": " + said.getMessage();
    settled |= refused;
    // A kind that is not there any more: its place is asked for again.
    if (refused) version = null;
  }

  private void heard() {
    contactNs = clockNs.getAsLong();
    if (!problem.isEmpty()) problem = "";
    refused = false;
  }

  private void list() throws IOException {
    lists++;
    path = place.path();
    Set<String> gone = new HashSet<>(known);
    String listed = null;
    try (InputStream body = opened("resourceVersion=" + atLeast); JsonParser parser = KubeApi.JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException(what + ": the list is no object");
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (field.equals("metadata")) {
          listed = ApiObjects.text(KubeApi.JSON.readTree(parser), "resourceVersion");
        } else if (field.equals("items") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            JsonNode object = KubeApi.JSON.readTree(parser);
            gone.remove(put(object));
          }
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || listed == null) throw new IOException(what + ": the list was cut off");
    } catch (KubeApi.Refused e) {
      // 504: a server that was restored from a backup has no such version yet.
      if (e.status == 410 || e.status == 504) throw new Gone();
      throw e;
    }
    for (String key : gone) forget(key);
    version = listed;
    atLeast = listed;
    progress = true;
  }

  private String put(JsonNode object) {
    String key = ApiObjects.namespace(object) + '/' + ApiObjects.name(object);
    known.add(key);
    sink.put(object);
    return key;
  }

  private void forget(String key) {
    known.remove(key);
    int slash = key.indexOf('/');
    ObjectNode object = KubeApi.JSON.createObjectNode();
    object.putObject("metadata").put("namespace", key.substring(0, slash)).put("name", key.substring(slash + 1));
    sink.delete(object);
  }

  /** Until the server ends it. */
  private void watch() throws IOException {
    String query = "watch=true&allowWatchBookmarks=true&timeoutSeconds=" + WATCH_S + "&resourceVersion=" + version;
    try (InputStream body = opened(query); JsonParser parser = KubeApi.JSON.createParser(body)) {
      while (!closed && parser.nextToken() == JsonToken.START_OBJECT) {
        JsonNode event = KubeApi.JSON.readTree(parser);
        heard();
        JsonNode object = event.path("object");
        String next = ApiObjects.text(object.path("metadata"), "resourceVersion");
        switch (ApiObjects.text(event, "type")) {
          case "ADDED", "MODIFIED" -> put(object);
          case "DELETED" -> {
            known.remove(ApiObjects.namespace(object) + '/' + ApiObjects.name(object));
            sink.delete(object);
          }
          case "BOOKMARK" -> bookmarks = true;
          case "ERROR" -> {
            int code = object.path("code").asInt(0);
            if (code == 410) throw new Gone();
            throw new KubeApi.Refused(code, ApiObjects.text(object, "message"));
          }
          default -> { }
        }
        if (next.isEmpty()) continue;
        version = next;
        atLeast = next;
        progress = true;
      }
    } catch (KubeApi.Refused e) {
      if (e.status == 410) throw new Gone();
      throw e;
    }
  }

  /** The answer has begun; of a watch, the first byte may take minutes. */
  private InputStream opened(String query) throws IOException {
    InputStream body = api.stream(path + (path.indexOf('?') < 0 ? '?' : '&') + query);
    open = body;
    heard();
    return body;
  }

  private void pause(long ms) {
    try {
      Thread.sleep(ms / 2 + ThreadLocalRandom.current().nextLong(ms));
    } catch (InterruptedException e) {
      // Somebody wants it to go on now, or to end.
    }
  }

  /** Ends a watch that should have said something by now; it opens anew. */
  void check(long nowNs) {
    if (contactNs != 0 && nowNs - contactNs > (bookmarks ? BOOKMARK_SILENCE_MAX_NS : SILENCE_MAX_NS)) reopen();
  }

  void reopen() {
    InputStream body = open;
    if (body == null) return;
    try {
      body.close();
    } catch (IOException e) {
      // It is as good as closed.
    }
  }

  boolean settled() {
    return settled;
  }

  String problem() {
    return problem;
  }

  boolean refused() {
    return refused;
  }

  long contactNs() {
    return contactNs;
  }

  long lists() {
    return lists;
  }

  void close() {
    closed = true;
    reopen();
    Thread running = thread;
    if (running != null) running.interrupt();
  }
}
