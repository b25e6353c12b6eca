package io.kubeshark.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetingTest {
  @Test
  void theRegexMatchesSomewhereInTheName() {
    Targeting targeting = Targeting.of("(catalo*|front-end*)", List.of("sock-shop"), List.of());
    assertThat(targeting.test("sock-shop", "catalogue-5d8f-x")).isTrue();
    assertThat(targeting.test("sock-shop", "my-front-end-7")).isTrue();
    assertThat(targeting.test("sock-shop", "carts-1")).isFalse();
    assertThat(targeting.test("default", "catalogue-5d8f-x")).isFalse();
  }

  @Test
  void excludedNamespacesWin() {
    Targeting targeting = Targeting.of("", List.of(), List.of("kube-system"));
    assertThat(targeting.test("default", "x")).isTrue();
    assertThat(targeting.test("kube-system", "x")).isFalse();
    assertThat(Targeting.of("", List.of("a"), List.of("a")).test("a", "x")).isFalse();
  }

  @Test
  void keysOfTheConfigMap() {
    Targeting targeting = Targeting.parse(Map.of("POD_REGEX", "web", "NAMESPACES", "a, b\n,c", "EXCLUDED_NAMESPACES", "", "BPF_OVERRIDE", "x"));
    assertThat(targeting.namespaces()).containsExactly("a", "b", "c");
    assertThat(targeting.excludedNamespaces()).isEmpty();
    assertThat(targeting.test("b", "web-1")).isTrue();
    assertThat(targeting.keys()).isEqualTo(Map.of("POD_REGEX", "web", "NAMESPACES", "a,b,c", "EXCLUDED_NAMESPACES", ""));
    assertThat(Targeting.parse(Map.of()).test("any", "thing")).isTrue();
  }

  @Test
  void aRegexThatIsNoneSaysWhatAndWhere() {
    assertThatIllegalArgumentException().isThrownBy(() -> Targeting.of("(front", List.of(), List.of())).withMessageContaining("(front")
        .withMessageContaining("missing closing )");
    assertThatIllegalArgumentException().isThrownBy(() -> Targeting.of("ab**c", List.of(), List.of())).withMessageContaining("`**`")
        .withMessageContaining("character 3");
    assertThatIllegalArgumentException().as("RE2 has no look-ahead").isThrownBy(() -> Targeting.of("x(?=y)", List.of(), List.of()))
        .withMessageContaining("(?=").withMessageContaining("character 2");
  }
}
