package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrometheusTextTest {
  @Test
  void theFormatIsTheOneOfTheReference() {
    PrometheusText out = new PrometheusText();
    out.counter("a_total", "What \\ is\nthis").value(3, "code", "x\"y\\z\n", "kind", "k").value(4, "code", "", "kind", "l");
    out.gauge("b", "Seconds.").value(1.5);
    assertThat(out.text()).isEqualTo("""
        # HELP a_total What \\\\ is\\nthis
        # TYPE a_total counter
        a_total{code="x\\"y\\\\z\\n",kind="k"} 3
        a_total{code="",kind="l"} 4
        # HELP b Seconds.
        # TYPE b gauge
        b 1.500
        """);
  }
}
