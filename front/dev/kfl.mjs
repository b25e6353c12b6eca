// A stand-in for KFL, good enough to type into: development only. The language itself is the hub's.
import { labelsOf } from './cluster.mjs';
import { protocols, schema } from './generate.mjs';

const known = new Set(schema.variables.map((v) => v.name));
const roots = new Set([...known].map((name) => name.split('.')[0]).concat('request', 'response', 'in', 'true', 'false'));

function closest(word) {
  const distance = (a, b) => {
    const line = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      let before = line[0];
      line[0] = i;
      for (let j = 1; j <= b.length; j++) [before, line[j]] = [line[j], Math.min(line[j] + 1, line[j - 1] + 1, before + (a[i - 1] === b[j - 1] ? 0 : 1))];
    }
    return line[b.length];
  };
  const best = [...roots].map((name) => [distance(word, name), name]).sort((a, b) => a[0] - b[0])[0];
  return best[0] <= 3 ? best[1] : undefined;
}

export function check(kfl) {
  const text = kfl.replace(/"(?:[^"\\]|\\.)*"/g, (s) => '"' + ' '.repeat(s.length - 2) + '"');
  for (const match of text.matchAll(/(?<![\w."])[A-Za-z_]\w*/g)) {
    if (roots.has(match[0]) || text[match.index + match[0].length] === '(') continue;
    const suggestion = closest(match[0]);
    return { code: 'unknown-name', message: `unknown name '${match[0]}'`, position: match.index, length: match[0].length, line: 1, column: match.index + 1, ...(suggestion && { suggestion }) };
  }
  try {
    compile(kfl);
  } catch {
    return { code: 'syntax', message: 'the expression is not complete: an operand is missing', position: kfl.length, length: 0, line: 1, column: kfl.length + 1 };
  }
  return null;
}

export function compile(kfl) {
  if (kfl.trim() === '') return () => true;
  const script = kfl.replaceAll('.contains(', '.includes(').replace(/(\w+) in (\[[^\]]*\])/g, '$2.includes($1)');
  const test = new Function('scope', `with (scope) { return (${script}); }`);
  return (row) => test(scope(row));
}

function scope(row) {
  const flags = Object.fromEntries(protocols.map((p) => [p.id, row.protocol === p.id]));
  return {
    ...flags, event: row.kind === 'event', k8s_type: row.mock?.type ?? '', k8s_reason: row.protocol === 'k8s' ? row.status : '', k8s_kind: row.protocol === 'k8s' ? row.method : '', conn: row.kind === 'connection', protocol: row.protocol, elapsed_time: row.elapsedUs ?? 0, status_class: row.statusClass, unanswered: row.flags.includes('noResponse'),
    node_name: row.node, src: nested(row.src), dst: nested(row.dst), local_labels: labelsOf(row.src), remote_labels: labelsOf(row.dst), method: row.protocol === 'http' ? row.method : '', path: row.protocol === 'http' ? row.summary.split('?')[0] : '',
    status_code: row.protocol === 'http' ? Number(row.status) : 0, redis_command: row.protocol === 'redis' ? row.method : '', request: { headers: {}, body: '' }, response: { body: '' },
  };
}

const nested = (end) => ({ ...end, pod: { name: end.pod ?? '' }, service: { name: end.service ?? '' } });

export function complete(q, position) {
  const before = q.slice(0, position);
  const value = /(\w+)\s*==\s*"(\w*)$/.exec(before);
  if (value) {
    const values = { method: ['GET', 'POST', 'PUT', 'DELETE'], protocol: protocols.map((p) => p.id), status_class: ['ok', 'warn', 'error', 'neutral'] }[value[1]] ?? [];
    return { from: position - value[2].length, to: position, options: values.map((label) => ({ label, type: 'value', detail: 'seen', apply: `${label}"` })) };
  }
  const word = /[\w.]*$/.exec(before)[0];
  return { from: position - word.length, to: position, options: schema.variables.filter((v) => v.name.startsWith(word)).map((v) => ({ label: v.name, type: 'variable', detail: v.type, doc: v.doc, apply: v.name })) };
}
