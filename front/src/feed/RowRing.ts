import type { Row } from '../api/types';
import { NUMBERS, STRINGS, batchRowsMax, batchStrings, rowKey, testBatchRow, unpackRow, type RowBatch, type RowTest } from '../stream/RowBatch';

/** A line of the feed that is no row: what is missing at this place, and why. */
export interface Notice {
  kind: 'notShown' | 'hole' | 'info';
  /** rows that are missing here; 0 where the number is unknown */
  rows: number;
  text: string;
}

/**
 * The rows that this browser keeps, outside React: columns in blocks, about 170 bytes a row. Lines (rows and notices) carry
 * consecutive numbers that never change; the oldest block goes when the capacity is reached.
 *
 *   blocks   [ 0..1023 ][ 1024..2047 ] … [ open ]
 *                 ^first                        ^end (exclusive)
 */
export class RowRing {
  private blocks: Block[] = [];
  private firstLine = 0;
  private endLine = 0;

  constructor(readonly capacity: number) {}

  get first(): number {
    return this.firstLine;
  }

  /** one past the newest line */
  get end(): number {
    return this.endLine;
  }

  get size(): number {
    return this.endLine - this.firstLine;
  }

  /** Appends the rows of a batch that `wanted` accepts (all without it); returns how many. */
  append(batch: RowBatch, wanted?: RowTest): number {
    const strings = batchStrings(batch);
    let appended = 0;
    for (let r = 0; r < batch.count; r++) {
      if (wanted && !testBatchRow(batch, r, strings, wanted)) continue;
      this.openBlock().push(batch, r, strings);
      this.endLine++;
      appended++;
    }
    this.evict();
    return appended;
  }

  /** Puts older rows before the oldest kept line, as far as there is room; returns how many. */
  prepend(batch: RowBatch): number {
    const room = Math.min(this.capacity - this.size, batch.count);
    if (room <= 0) return 0;
    const strings = batchStrings(batch);
    const block = new Block(this.firstLine - room, room);
    for (let r = batch.count - room; r < batch.count; r++) block.push(batch, r, strings);
    block.seal();
    // Where there is room nothing was evicted since the last clear, so the first block begins at firstLine.
    this.blocks.unshift(block);
    this.firstLine -= room;
    return room;
  }

  /** "Not shown" notices that follow each other become one. Answers the kept notice; its owner may reword it. */
  appendNotice(notice: Notice): Notice {
    const last = this.blocks.at(-1);
    const previous = last?.noticeAt(last.count - 1);
    if (previous && previous.kind === notice.kind && notice.kind === 'notShown') {
      previous.rows += notice.rows;
      previous.text = notice.text;
      return previous;
    }
    this.openBlock().pushNotice(notice);
    this.endLine++;
    this.evict();
    return notice;
  }

  clear(): void {
    this.blocks = [];
    this.firstLine = this.endLine;
  }

  rowAt(line: number): Row | undefined {
    const block = this.blockOf(line);
    return block?.rowAt(line - block.base);
  }

  noticeAt(line: number): Notice | undefined {
    const block = this.blockOf(line);
    return block?.noticeAt(line - block.base);
  }

  /** Newest line with this entry id, or null. Linear: for deep links, not for rendering. */
  lineOfId(id: string): number | null {
    for (let line = this.endLine - 1; line >= this.firstLine; line--) if (this.rowAt(line)?.id === id) return line;
    return null;
  }

  /** row key → timestamp of the newest rows, to recognise after a reconnect what is already here. */
  newestKeys(rowsMax: number): Map<string, number> {
    const held = new Map<string, number>();
    for (let line = this.endLine - 1; line >= this.firstLine && held.size < rowsMax; line--) {
      const row = this.rowAt(line);
      if (row) held.set(rowKey(row.node, row.seq), row.timestamp);
    }
    return held;
  }

  private openBlock(): Block {
    const last = this.blocks.at(-1);
    if (last && last.hasRoom()) return last;
    last?.seal();
    const block = new Block(this.endLine, blockLines);
    this.blocks.push(block);
    return block;
  }

  private evict(): void {
    this.firstLine = Math.max(this.firstLine, this.endLine - this.capacity);
    while (this.blocks.length > 0 && this.blocks[0]!.base + this.blocks[0]!.count <= this.firstLine) this.blocks.shift();
  }

  private blockOf(line: number): Block | undefined {
    if (line < this.firstLine || line >= this.endLine) return undefined;
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.blocks[middle]!.base <= line) low = middle;
      else high = middle - 1;
    }
    return this.blocks[low];
  }
}

/** Bounded by RowBatch's reasoning: a block's string indexes must fit a Uint16. */
const blockLines = Math.min(1024, batchRowsMax);

class Block {
  count = 0;
  private sealed = false;
  private numbers: Float64Array;
  private strings: Uint16Array;
  private ports: Uint16Array;
  private bits: Uint16Array;
  private distinct: string[] = [];
  private indexOf: Map<string, number> | null = new Map();
  private notices: Map<number, Notice> | null = null;

  constructor(
    readonly base: number,
    private readonly lines: number,
  ) {
    this.numbers = new Float64Array(lines * NUMBERS);
    this.strings = new Uint16Array(lines * STRINGS);
    this.ports = new Uint16Array(lines * 2);
    this.bits = new Uint16Array(lines);
  }

  hasRoom(): boolean {
    return !this.sealed && this.count < this.lines;
  }

  /** No more lines: the index that shares equal strings is not needed any more. */
  seal(): void {
    this.sealed = true;
    this.indexOf = null;
  }

  push(batch: RowBatch, r: number, batchText: string[]): void {
    const at = this.count++;
    for (let i = 0; i < NUMBERS; i++) this.numbers[at * NUMBERS + i] = batch.numbers[r * NUMBERS + i]!;
    for (let i = 0; i < STRINGS; i++) this.strings[at * STRINGS + i] = this.intern(batchText[batch.strings[r * STRINGS + i]!]!);
    this.ports[at * 2] = batch.ports[r * 2]!;
    this.ports[at * 2 + 1] = batch.ports[r * 2 + 1]!;
    this.bits[at] = batch.bits[r]!;
  }

  pushNotice(notice: Notice): void {
    (this.notices ??= new Map()).set(this.count++, notice);
  }

  noticeAt(at: number): Notice | undefined {
    return this.notices?.get(at);
  }

  rowAt(at: number): Row | undefined {
    if (this.notices?.has(at)) return undefined;
    return unpackRow(this.numbers, this.ports, this.bits[at]!, at, (column) => this.distinct[this.strings[at * STRINGS + column]!]!);
  }

  private intern(text: string): number {
    let index = this.indexOf!.get(text);
    if (index === undefined) {
      index = this.distinct.length;
      this.distinct.push(text);
      this.indexOf!.set(text, index);
    }
    return index;
  }
}
