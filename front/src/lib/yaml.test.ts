import { describe, expect, it } from 'vitest';
import { yamlBlockLines, yamlTokens } from './yaml';

const kinds = (line: string) => yamlTokens(line, false).filter((token) => token.kind !== 'plain' && token.text.trim() !== '');

describe('yamlTokens', () => {
  it('loses no character, whatever the line', () => {
    for (const line of ['', '  - name: web', 'image: a/b:1.2', '- -c', '- "a: b"', 'app.kubernetes.io/name: shop', '  "k": "v"', "'x''y': 1", '-', 'a:', ': x', '# c', '  - - 1', '{}', 'url: http://a:1/#x'])
      expect(yamlTokens(line, false).map((token) => token.text).join('')).toBe(line);
  });
  it('tells keys from values, also where a value has colons', () => {
    expect(kinds('  image: registry.local/shop/cart:1.2')).toEqual([{ kind: 'key', text: 'image' }, { kind: 'string', text: 'registry.local/shop/cart:1.2' }]);
    expect(kinds('    app.kubernetes.io/name: cart')).toEqual([{ kind: 'key', text: 'app.kubernetes.io/name' }, { kind: 'string', text: 'cart' }]);
    expect(kinds('  - containerPort: 8080')).toEqual([{ kind: 'key', text: 'containerPort' }, { kind: 'number', text: '8080' }]);
    expect(kinds('  - --listen=:8080')).toEqual([{ kind: 'string', text: '--listen=:8080' }]);
    expect(kinds('  emptyDir: {}')).toEqual([{ kind: 'key', text: 'emptyDir' }, { kind: 'word', text: '{}' }]);
  });
  it('takes the text of a block scalar as text', () => {
    const lines = ['data:', '  run.sh: |', '    set -e', '', '    key: no key', '  next: 1'];
    expect(yamlBlockLines(lines)).toEqual([false, false, true, true, true, false]);
    expect(yamlTokens(lines[4]!, true)).toEqual([{ kind: 'string', text: '    key: no key' }]);
  });
});
