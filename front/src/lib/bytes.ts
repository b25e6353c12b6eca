/** Bytes between their forms: text, base64, hex. */

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const chunkBytes = 0x8000; // String.fromCharCode takes its bytes as arguments, and there is a limit to those

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let from = 0; from < bytes.length; from += chunkBytes) binary += String.fromCharCode(...bytes.subarray(from, from + chunkBytes));
  return btoa(binary);
}

export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

export const bytesPerHexLine = 16;

export function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** A byte as the ASCII column shows it: what cannot be printed is a dot. */
export function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** One line of a hex dump: "00000010  47 45 54 20 …  GET …". */
export function hexLine(bytes: Uint8Array, offset: number): string {
  const part = bytes.subarray(offset, offset + bytesPerHexLine);
  const cells = Array.from(part, (byte, i) => (i === 8 ? ' ' : '') + hex(byte, 2));
  const text = Array.from(part, printable).join('');
  return `${hex(offset, 8)}  ${cells.join(' ').padEnd(bytesPerHexLine * 3)}  ${text}`;
}

export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += bytesPerHexLine) lines.push(hexLine(bytes, offset));
  return lines.join('\n');
}
