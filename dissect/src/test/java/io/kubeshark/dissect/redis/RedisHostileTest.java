package io.kubeshark.dissect.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Entry;
import io.kubeshark.dissect.contract.Replay;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One case a ceiling: what is over it shows as an anomaly, is counted whole, and the next exchange is read as if nothing had been. */
class RedisHostileTest {
  private static final String OK = "+OK\r\n";

  private static List<Entry> run(Conversation conversation) {
    return new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(conversation);
  }

  private static Conversation conversation(String request, String response) {
    return Conversation.tcp("hostile", 6379)
        .client(RedisCorpus.command("PING")).server("+PONG\r\n")
        .client(request).server(response)
        .client(RedisCorpus.command("ECHO", "next")).server("$4\r\nnext\r\n");
  }

  /** The one in the middle, sent at once; in pieces it is the same as far as it is shown, which the caller checks. */
  private static Entry middle(String request, String response, boolean inPieces) {
    Conversation conversation = conversation(request, response);
    List<Entry> entries = run(inPieces ? conversation.inPieces(1460) : conversation);
    assertThat(entries).hasSize(3).allMatch(Entry::hasBoth);
    assertThat(text(entries.getLast(), RedisFields.KEY)).isEqualTo("next");
    assertThat(entries.getLast().view().anomalies()).isZero();
    assertThat(entries.get(1).view().requestSize()).isEqualTo(request.length());
    assertThat(entries.get(1).view().responseSize()).isEqualTo(response.length());
    return entries.get(1);
  }

  private static String text(Entry entry, FieldSpec field) {
    return entry.view().stringValue(entry.view().find(field));
  }

  @Test
  void nestedDeeperThanIsShown() {
    Entry entry = middle(RedisCorpus.command("EVAL", "deep", "0"), "*1\r\n".repeat(100_000) + ":1\r\n", false);
    assertThat(entry.has(Anomaly.DEPTH_LIMIT)).isTrue();
  }

  @Test
  void moreArgumentsThanAreKept() {
    String[] words = new String[2000];
    java.util.Arrays.fill(words, "x");
    words[0] = "DEL";
    Entry entry = middle(RedisCorpus.command(words), ":0\r\n", false);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
    EntryView view = entry.view();
    assertThat(view.count(view.find(RedisFields.ARGUMENTS))).isEqualTo(256);
    assertThat(view.intValue(view.find(RedisFields.ARGUMENT_COUNT))).isEqualTo(1999);
  }

  @Test
  void valuesLongerThanIsWaitedFor() {
    for (boolean inPieces : new boolean[] {false, true}) {
      String value = "v".repeat(3 << 20);
      Entry entry = middle(RedisCorpus.command("SET", "large", value), OK, inPieces);
      Entry reply = middle(RedisCorpus.command("GET", "large"), "$" + value.length() + "\r\n" + value + "\r\n", inPieces);
      EntryView view = reply.view();
      int body = view.find(RedisFields.REPLY);
      assertThat(view.bodyWireLength(body)).isEqualTo(value.length());
      assertThat(view.bodyFlags(body)).isEqualTo(FieldWriter.BODY_TRUNCATED);
      assertThat(text(entry, RedisFields.KEY)).isEqualTo("large");
      if (inPieces) {
        assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
        assertThat(reply.has(Anomaly.LIMIT_REACHED)).isTrue();
      }
    }
  }

  @Test
  void anArrayLongerThanIsWaitedFor() {
    String reply = "*100000\r\n" + "$5\r\nhello\r\n".repeat(100_000);
    Entry entry = middle(RedisCorpus.command("LRANGE", "l", "0", "-1"), reply, true);
    assertThat(entry.has(Anomaly.LIMIT_REACHED)).isTrue();
  }

  /** What breaks the protocol costs its own message; nothing is waited for on the word of a number. */
  @Test
  void brokenReplies() {
    String[] broken = {"$536870913\r\n", "*1048577\r\n", "$-2\r\n", "*99999999999999999999\r\n", "$x\r\n", "$?\r\n;4\r\nHell\r\n;0\r\n", "*?\r\n:1\r\n.\r\n",
      "+no carriage return\n", "\u0000\u0001\u0002\r\n"};
    for (String each : broken) {
      List<Entry> entries = run(conversation(RedisCorpus.command("GET", "a"), each));
      assertThat(entries.getFirst().hasBoth()).as(each).isTrue();
      assertThat(entries).as(each).anyMatch(entry -> entry.hasBoth() && "next".equals(key(entry)));
      assertThat(entries).as(each).noneMatch(entry -> entry.hasBoth() && "a".equals(key(entry)) && !entry.has(EntryLayout.FLAG_AFTER_GAP));
    }
  }

  /** A command whose name is no string has neither name nor key: not those of where an earlier command's ended. */
  @Test
  void aCommandWithoutName() {
    for (String before : new String[] {"a", "ab", "abc", "abcd", "abcde"}) {
      Entry entry = run(Conversation.tcp("nameless", 6379)
          .client(RedisCorpus.command("ECHO", before)).server(OK)
          .client("*2\r\n$-1\r\n$20\r\nabcdefghijklmnopqrst\r\n").server("-ERR Protocol error\r\n")).get(1);
      assertThat(entry.view().find(RedisFields.COMMAND)).isNegative();
      assertThat(key(entry)).as("after " + before).isNull();
      assertThat(entry.view().find(RedisFields.ARGUMENTS)).isNegative();
    }
  }

  private static String key(Entry entry) {
    int field = entry.view().find(RedisFields.KEY);
    return field < 0 ? null : entry.view().stringValue(field);
  }
}
