import { describe, expect, it } from 'vitest';
import { fromBase64, fromHex, hexDump, hexLine, toBase64 } from './bytes';
import { contrast, readableOn } from './colour';
import { bytes, count, dateTime, duration, endpoint, percent, rate } from './format';
import { lineCharsMax, splitLines } from './lines';

describe('figures', () => {
  it.each([[0, '0'], [999, '999'], [1000, '1,000'], [1234567, '1,234,567']])('count %d', (n, text) => expect(count(n)).toBe(text));
  it.each([[0, '0 B'], [812, '812 B'], [1023, '1023 B'], [1024, '1.00 KB'], [1239, '1.21 KB'], [10_240, '10.0 KB'], [1_048_575, '1.00 MB'], [2 ** 40, '1.00 TB']])('bytes %d', (n, text) => expect(bytes(n)).toBe(text));
  it.each([[0, '0 µs'], [812, '812 µs'], [999.6, '1.00 ms'], [8123, '8.12 ms'], [999_600, '1 s'], [1_200_000, '1.20 s'], [10_000_000, '10 s'], [200_000_000, '3 min 20 s'], [300_000_000, '5 min'], [7_260_000_000, '2 h 1 min']])('duration %d', (us, text) =>
    expect(duration(us)).toBe(text),
  );
  it.each([[0, 5, '0 %'], [5, 5, '100 %'], [1, 1e9, '< 0.01 %'], [999_999_999, 1e9, '> 99.99 %'], [1, 3, '33.3 %'], [1, 0, '0 %']])('percent %d of %d', (part, whole, text) => expect(percent(part, whole)).toBe(text));
  it('rates', () => expect([rate(0), rate(0.5), rate(4999.6)]).toEqual(['0', '0.5', '5,000']));
  it('endpoints', () => {
    expect(endpoint({ ip: '::1', port: 80 })).toBe('[::1]:80');
    expect(endpoint({ ip: '10.0.0.1', port: 80, name: 'cart' })).toBe('cart:80');
    expect(endpoint({ ip: '10.0.0.1', port: 0 })).toBe('10.0.0.1');
  });
  it('shows microseconds', () => expect(dateTime(1732370000123.456)).toMatch(/\.12345[56] /));
});

describe('bytes', () => {
  it('go through base64 and hex unharmed', () => {
    const all = Uint8Array.from({ length: 70_000 }, (_, i) => i & 255);
    expect(fromBase64(toBase64(all))).toEqual(all);
    expect(fromHex('00ff7f')).toEqual(Uint8Array.of(0, 255, 127));
  });
  it('are dumped sixteen a line', () => {
    const text = new TextEncoder().encode('GET / HTTP/1.1\r\nhost');
    expect(hexLine(text, 0)).toBe('00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..');
    expect(hexDump(text).split('\n')).toHaveLength(2);
  });
});

describe('lines', () => {
  it('are numbered, and long ones are broken without a new number', () => {
    expect(splitLines('a\n\nb').map((line) => line.number)).toEqual([1, 2, 3]);
    expect(splitLines('')).toEqual([{ number: 1, start: 0, end: 0 }]);
    const text = 'x'.repeat(lineCharsMax * 2 + 1) + '\ny';
    const lines = splitLines(text);
    expect(lines.map((line) => line.number)).toEqual([1, null, null, 2]);
    expect(lines.map((line) => text.slice(line.start, line.end)).join('')).toBe(text.replace('\n', ''));
  });
});

describe('colours', () => {
  it('keep a text colour that can be read, and replace one that cannot', () => {
    expect(readableOn('#326de6', '#ffffff')).toBe('#ffffff');
    expect(readableOn('#ffff00', '#ffffff')).toBe('#000000');
    expect(readableOn('rebeccapurple', '#fff')).toBe('#fff');
    expect(contrast('#000', '#ffffff')).toBeCloseTo(21);
  });
});
