package io.kubeshark.hub;

import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.kfl.ValueSource;
import io.kubeshark.render.EndValues;
import io.kubeshark.render.FieldText;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Values for completion: what variables have in the newest stored entries, most frequent first. Read anew for each burst of typing. */
final class RecentValues implements ValueSource {
  private static final int ENTRIES_MAX = 1000;
  private static final long FRESH_MS = 3000;
  /** Longer values are not what anybody types. */
  private static final int VALUE_CHARACTERS_MAX = 200;
  private static final int DISTINCT_MAX = 2000;

  private final StoredEntries entries;
  private List<StoredEntries.Stored> newest = List.of();
  private long readMs;

  RecentValues(StoredEntries entries) {
    this.entries = entries;
  }

  @Override
  public List<String> values(String variable, String prefix, int max) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    String wanted = prefix.toLowerCase(Locale.ROOT);
    for (StoredEntries.Stored stored : newest()) {
      EntryView view = new EntryView();
      if (!view.wrap(stored.record(), 0, stored.record().length)) continue;
      read(stored.worker(), view, variable, value -> {
        if (value.isEmpty() || value.length() > VALUE_CHARACTERS_MAX || !value.toLowerCase(Locale.ROOT).startsWith(wanted)) return;
        if (counts.size() < DISTINCT_MAX || counts.containsKey(value)) counts.merge(value, 1, Integer::sum);
      });
    }
    return counts.entrySet().stream().sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()).thenComparing(Map.Entry.comparingByKey()))
        .limit(max).map(Map.Entry::getKey).toList();
  }

  private synchronized List<StoredEntries.Stored> newest() {
    long now = System.currentTimeMillis();
    if (now - readMs < FRESH_MS) return newest;
    try {
      newest = entries.newest("", ENTRIES_MAX, Cursor.NONE, Cursor.NONE, true).entries();
      readMs = now;
    } catch (ApiError unavailable) {
      newest = List.of(); // completion goes without values
    }
    return newest;
  }

  private static void read(WorkerView worker, EntryView entry, String variable, Consumer<String> values) {
    switch (variable) {
      case "src.ip" -> values.accept(entry.srcIp());
      case "dst.ip" -> values.accept(entry.dstIp());
      case "src.port" -> values.accept(Integer.toString(entry.srcPort()));
      case "dst.port" -> values.accept(Integer.toString(entry.dstPort()));
      case "protocol" -> values.accept(entry.protocol());
      case "worker" -> values.accept(worker.names().worker());
      case "node_id", "node_name", "node.name" -> values.accept(worker.names().node());
      case "node_ip", "node.ip" -> values.accept(worker.names().nodeIp());
      case "conn_id", "flow_id" -> values.accept(worker.names().worker() + "/" + entry.stream());
      default -> {
        if (!EndValues.read(entry, variable, values)) field(worker, entry, variable, values);
      }
    }
  }

  private static void field(WorkerView worker, EntryView entry, String variable, Consumer<String> values) {
    ProtocolInfo protocol = worker.schema().protocol(entry.protocol());
    if (protocol == null) return;
    int bracket = variable.indexOf("[\"");
    String name = bracket < 0 ? variable : variable.substring(0, bracket);
    String key = bracket < 0 ? null : variable.substring(bracket + 2, Math.max(bracket + 2, variable.lastIndexOf('"')));
    for (FieldSpec spec : protocol.fields()) {
      if (!name.equals(spec.variable())) continue;
      int field = entry.find(spec);
      if (field < 0) continue;
      if (spec.type() == FieldType.MAP) map(entry, field, key, values);
      else if (spec.type() == FieldType.LIST) list(entry, field, values);
      else if (key == null) values.accept(FieldText.of(entry, field));
    }
  }

  /** Values of a key; without one, the names. */
  private static void map(EntryView entry, int field, String key, Consumer<String> values) {
    int item = entry.firstItem(field);
    for (int i = entry.count(field); i > 0; i--) {
      int value = entry.nextItem(item);
      String name = entry.itemText(item);
      if (key == null) values.accept(name);
      else if (name.equalsIgnoreCase(key)) values.accept(entry.itemText(value));
      item = entry.nextItem(value);
    }
  }

  private static void list(EntryView entry, int field, Consumer<String> values) {
    int item = entry.firstItem(field);
    for (int i = entry.count(field); i > 0; i--, item = entry.nextItem(item)) values.accept(entry.itemText(item));
  }
}
