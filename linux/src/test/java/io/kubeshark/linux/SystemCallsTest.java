package io.kubeshark.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SystemCallsTest {
  @Test
  void aSignalWakesAWaitingThreadAndStays() throws IOException {
    EventFd event = EventFd.open();
    PollSet set = new PollSet(event.descriptor());
    assertThat(set.await(0)).isZero();
    assertThat(set.readable(0)).isFalse();
    event.signal();
    assertThat(set.await(60_000)).isEqualTo(1);
    assertThat(set.await(0)).isEqualTo(1);
    assertThat(set.readable(0)).isTrue();
    assertThat(set.failed(0)).isFalse();
    event.close();
    event.close();
    event.signal();
    assertThat(set.await(0)).isEqualTo(1);
    assertThat(set.failed(0)).as("closed").isTrue();
  }

  @Test
  void interfacesAreTheKernels() throws IOException {
    int loopback = Integer.parseInt(Files.readString(Path.of("/sys/class/net/lo/ifindex")).strip());
    assertThat(InterfaceList.indexByName()).containsEntry("lo", loopback);
  }

  @Test
  void anotherNamespaceIsEnteredByAThreadThatEnds() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "setns needs root");
    Process holder = new ProcessBuilder("unshare", "-n", "sh", "-c", "echo ready; read line").start();
    try {
      holder.getInputStream().read();
      Path namespace = Path.of("/proc/" + holder.pid() + "/ns/net");
      Path here = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
      Path there = NetworkNamespace.call(namespace, () -> Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")));
      assertThat(there).isEqualTo(Files.readSymbolicLink(namespace)).isNotEqualTo(here);
      assertThat(NetworkNamespace.call(namespace, InterfaceList::indexByName)).containsOnlyKeys("lo");
      assertThat(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))).isEqualTo(here);
    } finally {
      holder.destroy();
    }
  }

  @Test
  void aFailedCallSaysWhatOnWhatAndWhy() {
    assertThatThrownBy(() -> NetworkNamespace.call(Path.of("/none"), () -> null)).isInstanceOf(SystemCallException.class)
        .hasMessage("open failed on /none: No such file or directory (errno 2)");
  }

  @Test
  void theNamespaceOfNobodyIsTheCallersThread() throws IOException {
    assertThat(NetworkNamespace.call(null, Thread::currentThread)).isSameAs(Thread.currentThread());
  }

  @Test
  void residentMemoryAgreesWithTheKernelsOtherAnswer() throws IOException {
    String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
    long status = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    assertThat(ProcessMemory.residentBytes()).isBetween(status / 2, status * 2);
  }

  @Test
  void theClockIsTheWallClock() {
    long now = WallClock.nowNs();
    assertThat(Instant.ofEpochSecond(0, now)).isBetween(Instant.now().minusSeconds(60), Instant.now());
  }
}
