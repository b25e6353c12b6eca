package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection;
import io.kubeshark.render.EntryBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Packets of several workers as one file, read by tshark. */
class PcapTest extends ReleaseTest {
  private static final byte[] ETHERNET = HexFormat.of().parseHex("020000000002" + "020000000001" + "88b5"); // local experimental: no dissector
  private static final int LARGE_BYTES = 60_000;
  /** Far more than credit, sockets and buffers hold between a worker and a client that does not read. */
  private static final int LARGE_COUNT = 400;

  private record Seen(long timeNs, String node, int number, int length) {}

  private final long start = TestWorker.now() - 5_000_000_000L;

  private static byte[] frame(int number, int length) {
    byte[] frame = java.util.Arrays.copyOf(ETHERNET, length);
    for (int i = 0; i < 4; i++) frame[ETHERNET.length + i] = (byte) (number >>> 24 - 8 * i);
    return frame;
  }

  /** A frame with its number in it, of a connection. */
  private Seen packet(TestWorker worker, long stream, int number, int length, long timeNs) {
    worker.packet(new Connection(stream, Connection.TCP, false, 0, 0), 0, frame(number, length), timeNs);
    return new Seen(timeNs, worker.identity().node(), number, length);
  }

  private HttpResponse<byte[]> pcap(String query) throws IOException, InterruptedException {
    return http.send(request("/api/pcap" + query).build(), BodyHandlers.ofByteArray());
  }

  private static List<String> run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    return lines;
  }

  private List<Seen> read(byte[] file) throws IOException, InterruptedException {
    Path path = directory.resolve("read.pcapng");
    Files.write(path, file);
    List<Seen> seen = new ArrayList<>();
    for (String line : run("tshark", "-r", path.toString(), "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.interface_name", "-e", "data.data", "-e", "frame.len")) {
      String[] fields = line.split("\t");
      long timeNs = Long.parseLong(fields[0].replace(".", ""));
      seen.add(new Seen(timeNs, fields[1], Integer.parseUnsignedInt(fields[2].replace(":", "").substring(0, 8), 16), Integer.parseInt(fields[3])));
    }
    return seen;
  }

  /** Lines of the comment of the file's last section: its first option. */
  private static List<String> end(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int section = file.length - bytes.getInt(file.length - 4);
    assertThat(bytes.getInt(section)).isEqualTo(PcapDownload.SECTION);
    assertThat(bytes.getShort(section + 24)).isEqualTo((short) 1);
    return new String(file, section + 28, bytes.getShort(section + 26), StandardCharsets.UTF_8).lines().toList();
  }

  private static String encoded(String kfl) {
    return URLEncoder.encode(kfl, StandardCharsets.UTF_8);
  }

  @Test
  void packetsOfAllWorkersAreOneFileByTime() throws IOException, InterruptedException {
    Random random = new Random(11);
    List<Seen> all = new ArrayList<>();
    for (String node : List.of("a", "b", "c")) {
      TestWorker worker = release.worker(node);
      List<Integer> order = new ArrayList<>(IntStream.range(0, 400).boxed().toList());
      Collections.shuffle(order, random);
      // Of one worker each at its own time; some of two workers at the same.
      for (int i : order) all.add(packet(worker, random.nextInt(5), i, i % 50 == 0 ? LARGE_BYTES : 20 + random.nextInt(1500), start + i * 1_000L + random.nextInt(2)));
      worker.packetsDone();
    }
    HttpResponse<byte[]> answer = pcap("");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Kubeshark-Sources")).contains("3 of 3");
    assertThat(answer.headers().firstValue("Kubeshark-Missing")).isEmpty();
    assertThat(answer.headers().firstValue("Content-Disposition").orElse("")).contains("kubeshark.pcapng");
    List<Seen> read = read(answer.body());
    assertThat(read.stream().map(Seen::timeNs)).isSorted();
    assertThat(read).containsExactlyInAnyOrderElementsOf(all);
    assertThat(end(answer.body())).containsExactly("1200 packets of 3 of 3 nodes");
  }

  @Test
  void aFilterTimesAndALimitChoose() throws IOException, InterruptedException {
    for (String node : List.of("a", "b")) {
      TestWorker worker = release.worker(node);
      for (int stream = 1; stream <= 4; stream++) {
        worker.add(new EntryBuilder(EntryBuilder.HTTP).id(stream, 0).time(start, 5).string(EntryBuilder.URL, "/" + node + stream).integer(EntryBuilder.STATUS, 200 + stream));
      }
      worker.drain();
      for (int i = 0; i < 80; i++) packet(worker, i % 5, i, 100, start + i * 1_000_000L); // connection 0 has no entry
      worker.packetsDone();
    }
    List<Seen> some = read(pcap("?kfl=" + encoded("status_code >= 203")).body());
    assertThat(some).hasSize(64).allMatch(seen -> seen.number % 5 >= 3);
    assertThat(read(pcap("?kfl=" + encoded("url == \"/b2\"")).body())).hasSize(16).allMatch(seen -> seen.node.equals("b") && seen.number % 5 == 2);
    assertThat(read(pcap("?kfl=" + encoded("url == \"/nowhere\"")).body())).isEmpty();
    assertThat(read(pcap("?conn=a/3").body())).hasSize(16).allMatch(seen -> seen.node.equals("a") && seen.number % 5 == 3);
    long from = start / 1_000_000 + 10;
    List<Seen> between = read(pcap("?from=" + from + "&to=" + (from + 5)).body());
    assertThat(between).isNotEmpty().allMatch(seen -> seen.timeNs >= from * 1_000_000 && seen.timeNs < (from + 5) * 1_000_000);
    assertThat(between.stream().filter(seen -> seen.node.equals("a"))).hasSize(5);
    byte[] limited = pcap("?limit=7").body();
    assertThat(read(limited).stream().map(Seen::number)).containsExactly(0, 0, 1, 1, 2, 2, 3);
    assertThat(end(limited)).containsExactly("7 packets of 2 of 2 nodes", "missing: what comes after the limit of 7 packets");
    byte[] classic = pcap("?format=pcap&kfl=" + encoded("url == \"/b2\"")).body();
    assertThat(HexFormat.of().formatHex(classic, 0, 4)).isEqualTo("4d3cb2a1");
    Files.write(directory.resolve("classic"), classic);
    assertThat(run("tshark", "-r", directory.resolve("classic").toString())).hasSize(16);
  }

  @Test
  void wrongQuestionsAreRefused() throws IOException, InterruptedException {
    release.worker("a");
    for (String wrong : List.of("?kfl=" + encoded("htpp"), "?format=xml", "?limit=x", "?conn=a/1&kfl=http", "?from=-1", "?conn=nonsense")) {
      assertThat(pcap(wrong).statusCode()).as(wrong).isEqualTo(400);
    }
    assertThat(pcap("?conn=nobody/1").statusCode()).isEqualTo(404);
  }

  @Test
  void aWorkerThatIsAwayIsNamed() throws IOException, InterruptedException {
    release.pod("dead", "127.0.0.100");
    HttpResponse<byte[]> nobody = pcap("");
    assertThat(nobody.statusCode()).isEqualTo(503);
    assertThat(JsonMapper.shared().readTree(nobody.body()).at("/error/message").asString()).contains("127.0.0.100");
    TestWorker alive = release.worker("alive");
    packet(alive, 1, 1, 60, start);
    alive.packetsDone();
    HttpResponse<byte[]> answer = pcap("");
    assertThat(answer.headers().firstValue("Kubeshark-Sources")).contains("1 of 2");
    assertThat(answer.headers().firstValue("Kubeshark-Missing")).contains("dead");
    assertThat(read(answer.body())).hasSize(1);
    assertThat(end(answer.body())).hasSize(2).first().isEqualTo("1 packets of 1 of 2 nodes");
    assertThat(end(answer.body()).get(1)).startsWith("missing: dead: ").contains("127.0.0.100");
    Path file = directory.resolve("comment.pcapng");
    Files.write(file, answer.body());
    assertThat(run("capinfos", "-k", file.toString())).as("the file says it at its beginning, too").anyMatch(line -> line.contains("missing: dead: "));
  }

  private HttpResponse<InputStream> begin(int count) throws IOException, InterruptedException {
    TestWorker worker = release.worker("a");
    TestWorker other = release.worker("b");
    for (int i = 0; i < count; i++) packet(worker, 1, i, LARGE_BYTES, start + i);
    packet(other, 1, 0, 60, start + count);
    worker.packetsDone();
    other.packetsDone();
    HttpResponse<InputStream> answer = http.send(request("/api/pcap").build(), BodyHandlers.ofInputStream());
    assertThat(answer.body().read()).isEqualTo(0x0a);
    return answer;
  }

  @Test
  void aWorkerThatBreaksOffIsNamedAndTheOthersGoOn() throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = begin(LARGE_COUNT);
    release.workers.getFirst().stopListening();
    byte[] rest = answer.body().readAllBytes();
    byte[] file = new byte[rest.length + 1];
    file[0] = 0x0a;
    System.arraycopy(rest, 0, file, 1, rest.length);
    List<Seen> read = read(file);
    assertThat(read).hasSizeBetween(2, LARGE_COUNT);
    assertThat(read.getLast().node).isEqualTo("b");
    assertThat(end(file)).hasSize(2).last().asString().startsWith("missing: a: ");
    release.workers.getFirst().listen();
  }

  /** As often as there may be files at once, and once more. */
  @Test
  void aClientThatGoesLeavesNothing() throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = begin(LARGE_COUNT);
    answer.body().close();
    TreeSet<Integer> codes = new TreeSet<>();
    for (int i = 0; i < 5; i++) {
      HttpResponse<InputStream> next = http.send(request("/api/pcap").build(), BodyHandlers.ofInputStream());
      codes.add(next.statusCode());
      next.body().read();
      next.body().close();
    }
    await(() -> streams() == 0);
    HttpResponse<InputStream> last = http.send(request("/api/pcap?conn=b/1").build(), BodyHandlers.ofInputStream());
    assertThat(last.statusCode()).isEqualTo(200);
    assertThat(end(last.body().readAllBytes())).containsExactly("1 packets of 1 of 1 nodes");
  }
}
