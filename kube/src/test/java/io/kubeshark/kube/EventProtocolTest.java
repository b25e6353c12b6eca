package io.kubeshark.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldWriter;
import org.junit.jupiter.api.Test;

class EventProtocolTest {
  @Test
  void anEventAsARecord() {
    KubernetesEvent event = new KubernetesEvent(Some.T0, "u", "Pod", "shop", "web-1", "OOMKilled", "Warning", "Container c …", 3, "c", "");
    EntryEncoder encoder = new EntryEncoder();
    EventProtocol.encode(event, new FieldWriter(64, 1 << 16), encoder);
    EntryView view = new EntryView();
    assertThat(view.wrap(encoder.array(), 0, encoder.length())).isTrue();
    assertThat(view.kind()).isEqualTo(EntryLayout.Kind.EVENT);
    assertThat(view.protocol()).isEqualTo("k8s");
    assertThat(view.startNs()).isEqualTo(Some.T0);
    assertThat(view.statusClass()).isEqualTo(EntryLayout.StatusClass.WARN);
    assertThat(view.stringValue(view.find(EventProtocol.REASON))).isEqualTo("OOMKilled");
    assertThat(view.stringValue(view.find(EventProtocol.MESSAGE))).isEqualTo("Container c …");
    assertThat(view.intValue(view.find(EventProtocol.COUNT))).isEqualTo(3);
    assertThat(view.find(EventProtocol.NODE)).as("not known").isEqualTo(-1);
  }
}
