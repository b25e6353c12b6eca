/** Relative luminance (WCAG 2) of a #rgb or #rrggbb colour; null if it is written otherwise. */
function luminance(colour: string): number | null {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour.trim());
  if (!match) return null;
  const digits = match[1]!.length === 3 ? match[1]!.replace(/./g, '$&$&') : match[1]!;
  const [r, g, b] = [0, 2, 4].map((at) => {
    const channel = parseInt(digits.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string, b: string): number | null {
  const la = luminance(a);
  const lb = luminance(b);
  if (la === null || lb === null) return null;
  return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

/** The wanted text colour if it can be read on the background (4.5:1), else black or white, whichever reads better. */
export function readableOn(background: string, wanted: string): string {
  const asWanted = contrast(background, wanted);
  if (asWanted !== null && asWanted >= 4.5) return wanted;
  const white = contrast(background, '#ffffff');
  if (white === null) return wanted;
  return white >= (contrast(background, '#000000') ?? 0) ? '#ffffff' : '#000000';
}
