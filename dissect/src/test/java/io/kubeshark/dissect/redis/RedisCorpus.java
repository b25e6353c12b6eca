package io.kubeshark.dissect.redis;

import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Corpus;
import io.kubeshark.dissect.contract.PcapConversations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Redis conversations: from redis-cli and redis-benchmark (e2e/traffic), and by hand what they do not say. */
public final class RedisCorpus implements Corpus {
  @Override
  public String protocol() {
    return "redis";
  }

  @Override
  public List<Conversation> conversations() {
    List<Conversation> all = new ArrayList<>(List.of(
        steady(), pipelined(), types(), resp3(), attributes(), subscribed(), pushes(), monitor(), silent(), inline(), cluster(), elements()));
    for (String sample : List.of("redis-basic", "redis-resp3", "redis-pipeline")) {
      for (Conversation conversation : PcapConversations.of(sample, 3)) all.add(subscribes(conversation) ? conversation.unrecoverable() : conversation);
    }
    return all;
  }

  /** A confirmation whose command may not be known looks like a further one of an earlier command. */
  private static boolean subscribes(Conversation conversation) {
    return conversation.steps().stream().anyMatch(step -> new String(step.bytes(), StandardCharsets.ISO_8859_1).contains("SUBSCRIBE"));
  }

  static Conversation steady() {
    return Conversation.tcp("steady", 6379)
        .client(command("GET", "a-key")).server("$7\r\na value\r\n")
        .client(command("SET", "a-key", "another value", "EX", "10")).server("+OK\r\n");
  }

  static Conversation pipelined() {
    return Conversation.tcp("pipelined", 6379)
        .client(command("ECHO", "first") + command("ECHO", "second") + command("ECHO", "third"))
        .server("$5\r\nfirst\r\n$6\r\nsecond\r\n$5\r\nthird\r\n")
        .client(command("ECHO", "fourth") + command("ECHO", "fifth")).server("$6\r\nfourth\r\n$5\r\nfifth\r\n");
  }

  /** RESP2. */
  static Conversation types() {
    return Conversation.tcp("types", 6379)
        .client(command("INCR", "n")).server(":42\r\n")
        .client(command("INCRBY", "n", "-50")).server(":-8\r\n")
        .client(command("GET", "nothing")).server("$-1\r\n")
        .client(command("GET", "empty")).server("$0\r\n\r\n")
        .client(command("BLPOP", "list", "1")).server("*-1\r\n")
        .client(command("LRANGE", "list", "0", "-1")).server("*0\r\n")
        .client(command("EVAL", "return 1", "0")).server("*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+\"\\\r\n")
        .client(command("LPUSH", "a-key", "x")).server("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")
        .client(command("PING")).server("+PONG\r\n");
  }

  static Conversation resp3() {
    return Conversation.tcp("resp3", 6379)
        .client(command("HELLO", "3")).server("%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n")
        .client(command("GET", "nothing")).server("_\r\n")
        .client(command("DEBUG", "PROTOCOL", "double")).server(",3.141\r\n")
        .client(command("DEBUG", "PROTOCOL", "true")).server("#t\r\n")
        .client(command("DEBUG", "PROTOCOL", "bignum")).server("(1234567999999999999999999999999999999\r\n")
        .client(command("DEBUG", "PROTOCOL", "verbatim")).server("=7\r\ntxt:abc\r\n")
        .client(command("EVAL", "error", "0")).server("!9\r\nERR a\r\nb!\r\n")
        .client(command("SMEMBERS", "s")).server("~2\r\n$1\r\na\r\n:1\r\n")
        .client(command("HGETALL", "h")).server("%2\r\n:1\r\n#f\r\n*1\r\n+a\r\n_\r\n")
        .client(command("ECHO", "last")).server("$4\r\nlast\r\n");
  }

  static Conversation attributes() {
    return Conversation.tcp("attributes", 6379)
        .client(command("GET", "a")).server("|1\r\n+ttl\r\n:3600\r\n$1\r\nx\r\n")
        .client(command("ECHO", "last")).server("$4\r\nlast\r\n")
        .unrecoverable(); // an attribute that lost its head looks like replies; servers send them on DEBUG only
  }

  /** RESP2: confirmations, of which the first answers, and messages, on a connection that does nothing else. */
  static Conversation subscribed() {
    return Conversation.tcp("subscribed", 6379)
        .client(command("SUBSCRIBE", "news", "weather"))
        .server("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$7\r\nweather\r\n:2\r\n")
        .server("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n")
        .client(command("UNSUBSCRIBE", "news")).server("*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:1\r\n")
        .unrecoverable(); // as above
  }

  /** RESP3: pushes come between replies. */
  static Conversation pushes() {
    return Conversation.tcp("pushes", 6379)
        .client(command("CLIENT", "TRACKING", "ON")).server("+OK\r\n")
        .client(command("GET", "a")).server(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n$1\r\nx\r\n")
        .server(">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n")
        .client(command("ECHO", "last")).server("$4\r\nlast\r\n");
  }

  static Conversation monitor() {
    return Conversation.tcp("monitor", 6379)
        .client(command("MONITOR")).server("+OK\r\n")
        .server("+1339518083.107412 [0 127.0.0.1:60866] \"keys\" \"*\"\r\n+1339518087.877697 [0 127.0.0.1:60866] \"dbsize\"\r\n")
        .client(command("ECHO", "last")).server("$4\r\nlast\r\n");
  }

  /** CLIENT REPLY: commands without replies. */
  static Conversation silent() {
    return Conversation.tcp("silent", 6379)
        .client(command("CLIENT", "REPLY", "SKIP") + command("SET", "a", "1") + command("GET", "a")).server("$1\r\n1\r\n")
        .client(command("client", "reply", "off") + command("SET", "a", "2") + command("CLIENT", "REPLY", "ON")).server("+OK\r\n")
        .client(command("ECHO", "last")).server("$4\r\nlast\r\n")
        .unrecoverable(); // who misses the SKIP waits for a reply
  }

  static Conversation inline() {
    return Conversation.tcp("inline", 6379)
        .client(command("PING")).server("+PONG\r\n")
        .client("set a  1\r\n").server("+OK\r\n")
        .client("\r\nEXISTS a\n").server(":1\r\n")
        .client(command("ECHO", "last")).server("$4\r\nlast\r\n");
  }

  static Conversation cluster() {
    return Conversation.tcp("cluster", 6379)
        .client(command("GET", "x")).server("-MOVED 3999 127.0.0.1:6381\r\n")
        .client(command("ASKING") + command("GET", "y")).server("+OK\r\n-ASK 3999 127.0.0.1:6381\r\n")
        .client(command("ECHO", "nearly") + command("ECHO", "last")).server("$6\r\nnearly\r\n$4\r\nlast\r\n");
  }

  /** Elements that look like replies, to as many commands as there are elements: a hole in the array must not make pairs of them. */
  static Conversation elements() {
    return Conversation.tcp("elements", 6379)
        .client(command("LRANGE", "l", "0", "5") + command("ECHO", "one") + command("ECHO", "two") + command("ECHO", "three"))
        .server("*6\r\n$2\r\ne0\r\n")
        .server("$2\r\ne1\r\n$2\r\ne2\r\n$2\r\ne3\r\n$2\r\ne4\r\n$2\r\ne5\r\n")
        .server("$3\r\none\r\n$3\r\ntwo\r\n$5\r\nthree\r\n")
        .client(command("ECHO", "nearly") + command("ECHO", "last")).server("$6\r\nnearly\r\n$4\r\nlast\r\n");
  }

  static String command(String... words) {
    StringBuilder out = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) out.append('$').append(word.getBytes(StandardCharsets.ISO_8859_1).length).append("\r\n").append(word).append("\r\n");
    return out.toString();
  }
}
