import type { Schema } from '../api/types';

export interface Preset {
  title: string;
  kfl: string;
  /** variables it speaks of: a preset that this hub cannot answer is not offered */
  needs: string[];
}

export const PRESETS: readonly Preset[] = [
  { title: 'API calls only', kfl: '!conn', needs: ['conn'] },
  { title: 'Errors', kfl: 'status_class == "error"', needs: ['status_class'] },
  { title: 'HTTP errors (4xx, 5xx)', kfl: 'http && status_code >= 400', needs: ['http', 'status_code'] },
  { title: 'HTTP server errors (5xx)', kfl: 'http && status_code >= 500', needs: ['http', 'status_code'] },
  { title: 'Slow (> 500 ms)', kfl: '!conn && elapsed_time > 500000', needs: ['conn', 'elapsed_time'] },
  { title: 'DNS failures', kfl: 'dns && status_class in ["warn", "error"]', needs: ['dns', 'status_class'] },
  { title: 'Unanswered', kfl: 'unanswered', needs: ['unanswered'] },
  { title: 'Connections only', kfl: 'conn', needs: ['conn'] },
  { title: 'Kubernetes events', kfl: 'event', needs: ['event'] },
  { title: 'Kubernetes warnings', kfl: 'event && k8s_type == "Warning"', needs: ['event', 'k8s_type'] },
  { title: 'Without Kubernetes events', kfl: '!event', needs: ['event'] },
];

export function presetsFor(schema: Schema | null): Preset[] {
  if (!schema) return [];
  const known = new Set(schema.variables.map((variable) => variable.name));
  return PRESETS.filter((preset) => preset.needs.every((name) => known.has(name)));
}
