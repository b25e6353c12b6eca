package io.kubeshark.worker;

import java.util.Locale;

/** Writes the text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
final class PrometheusText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder out = new StringBuilder(8192);

  /** Only grows. */
  PrometheusText counter(String name, String help) {
    return begin(name, help, "counter");
  }

  PrometheusText gauge(String name, String help) {
    return begin(name, help, "gauge");
  }

  private String name;

  private PrometheusText begin(String name, String help, String type) {
    this.name = name;
    out.append("# HELP ").append(name).append(' ').append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    return this;
  }

  /** Of the metric that was begun last. @param labels name, value, name, value, … */
  PrometheusText value(long value, String... labels) {
    labels(labels).append(value).append('\n');
    return this;
  }

  PrometheusText value(double value, String... labels) {
    labels(labels).append(String.format(Locale.ROOT, "%.3f", value)).append('\n');
    return this;
  }

  private StringBuilder labels(String... labels) {
    out.append(name);
    for (int i = 0; i < labels.length; i += 2) {
      out.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"")
          .append(labels[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")).append('"');
    }
    return out.append(labels.length == 0 ? " " : "} ");
  }

  String text() {
    return out.toString();
  }
}
