package io.kubeshark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kubeshark.linux.BpfFilterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the operator reads when capturing is not possible. */
class CaptureRefusedTest {
  private static final AfPacketOptions OPTIONS = AfPacketOptions.any().withRingBytes(1 << 20);

  @Test
  void withoutTheCapability() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "dropping a capability needs root");
    Process process = new ProcessBuilder("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC",
        "-cp", System.getProperty("java.class.path"), Opener.class.getName()).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(out).isEqualTo("kubeshark needs root or CAP_NET_RAW to capture: run it with sudo, or give the container the capability NET_RAW"
        + " (socket(AF_PACKET) failed on any: Operation not permitted (errno 1))\n");
  }

  /** Runs in a process of its own. */
  static final class Opener {
    public static void main(String[] arguments) throws IOException {
      try {
        AfPacketSource.open(OPTIONS);
      } catch (CaptureException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void anUnknownInterface() {
    assertThatThrownBy(() -> AfPacketSource.open(OPTIONS.withInterfaces(List.of("eth77")))).isInstanceOf(CaptureException.class)
        .hasMessageStartingWith("interface 'eth77' does not exist; there are: lo");
  }

  @Test
  void anUnknownNamespace() {
    assertThatThrownBy(() -> AfPacketSource.open(OPTIONS.withNetworkNamespace(Path.of("/none")))).isInstanceOf(CaptureException.class)
        .hasMessage("packets cannot be captured (open failed on /none: No such file or directory (errno 2))");
  }

  @Test
  void badFilters() {
    assertThatThrownBy(() -> AfPacketSource.open(OPTIONS.withFilter("tcp prot 80"))).isInstanceOf(BpfFilterException.class)
        .hasMessageContaining("'tcp prot 80'").hasMessageContaining("syntax error");
    assertThatThrownBy(() -> AfPacketSource.open(OPTIONS.withFilter("vlan 100 and tcp"))).isInstanceOf(BpfFilterException.class)
        .hasMessageContaining("the kernel takes VLAN tags out");
  }

  @Test
  void impossibleOptions() {
    assertThatThrownBy(() -> OPTIONS.withThreads(0)).hasMessage("0 capture threads: from 1 to 256");
    assertThatThrownBy(() -> OPTIONS.withSnapLength(1 << 20)).hasMessageContaining("snap length: from 1 to 262144");
    assertThat(OPTIONS.withInterfaces(List.of("eth0", "any", "eth0")).interfaces()).containsExactly("any");
    assertThat(OPTIONS.withInterfaces(List.of("eth0", "lo", "eth0")).interfaces()).containsExactly("eth0", "lo");
  }
}
