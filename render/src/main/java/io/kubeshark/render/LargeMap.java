package io.kubeshark.render;

import io.kubeshark.core.EntryView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A MAP with more names than anybody sends in earnest, grouped in linear time: comparing each with each would be a weapon. */
record LargeMap(EntryView entry, int field, int count) {
  void write(JsonWriter out) {
    Map<String, List<Integer>> valuesByName = LinkedHashMap.newLinkedHashMap(count);
    int item = entry.firstItem(field);
    for (int i = 0; i < count; i++) {
      int value = entry.nextItem(item);
      valuesByName.computeIfAbsent(entry.itemText(item), name -> new ArrayList<>(1)).add(value);
      item = entry.nextItem(value);
    }
    valuesByName.forEach((name, values) -> {
      out.key(name);
      if (values.size() > 1) out.beginArray();
      for (int value : values) out.string(entry.array(), entry.itemAt(value), entry.itemLength(value));
      if (values.size() > 1) out.endArray();
    });
  }
}
