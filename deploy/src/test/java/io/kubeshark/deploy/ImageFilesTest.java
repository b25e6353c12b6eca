package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What stands in two places must say the same. */
class ImageFilesTest {
  /** Of the heap: a container's goes by its limit, and by small steps. */
  private static final Pattern HEAP = Pattern.compile("-Xms.*|-XX:(MaxRAMPercentage|MinHeapFreeRatio|MaxHeapFreeRatio)=.*");

  private static boolean heap(String option) {
    return HEAP.matcher(option).matches();
  }

  @Test
  void theImagesJvmHasTheLaunchersOptions() {
    Matcher array = Pattern.compile("java_options=\\((.*?)\\)", Pattern.DOTALL).matcher(Chart.file("../kubeshark"));
    assertThat(array.find()).isTrue();
    List<String> launcher = Stream.of(array.group(1).trim().split("\\s+")).filter(option -> !option.startsWith("-Dkubeshark.front") && !heap(option)).toList();
    List<String> image = Chart.file("images/kubeshark/java.options").lines().filter(line -> line.startsWith("-") && !heap(line)).toList();
    assertThat(image).containsExactlyElementsOf(launcher);
  }

  @Test
  void theFrontAllowsPagesWhatTheHubAllowsThem() {
    Matcher policy = Pattern.compile("POLICY =\\s+\"([^\"]+)\"").matcher(Chart.file("../hub/src/main/java/io/kubeshark/hub/Door.java"));
    assertThat(policy.find()).isTrue();
    assertThat(Chart.file("images/front/nginx.conf")).contains("add_header Content-Security-Policy \"" + policy.group(1) + "\" always;");
  }

  @Test
  void theChartIsOfTheProgramsVersion() throws IOException {
    Matcher version = Pattern.compile("<artifactId>kubeshark</artifactId>\\s*<version>([^<]+)</version>").matcher(Chart.file("../pom.xml"));
    assertThat(version.find()).isTrue();
    assertThat(BuildImages.appVersion(Path.of("chart/Chart.yaml"))).isEqualTo(version.group(1));
  }
}
