import type { PacketLayer } from '../api/types';
import { bytesPerHexLine, hex, printable } from '../lib/bytes';
import { FixedLines } from './FixedLines';

const lineHeight = 18;

/** Index of the innermost layer that holds each byte; -1 = none. */
function layerOfBytes(length: number, layers: readonly PacketLayer[]): Int8Array {
  const owner = new Int8Array(length).fill(-1);
  layers.forEach((layer, i) => owner.fill(i, layer.offset, Math.min(length, layer.offset + layer.length)));
  return owner;
}

interface Props {
  bytes: Uint8Array;
  layers?: readonly PacketLayer[];
  /** index of the layer to emphasise; -1 = none */
  emphasis?: number;
  maxHeight?: number;
  label: string;
}

/** Offset, hex and ASCII; the bytes of each layer on one ground, so that its borders can be seen. */
export function HexView({ bytes, layers = [], emphasis = -1, maxHeight, label }: Props) {
  const owner = layerOfBytes(bytes.length, layers);
  return (
    <FixedLines
      count={Math.max(1, Math.ceil(bytes.length / bytesPerHexLine))}
      lineHeight={lineHeight}
      maxHeight={maxHeight}
      className="hex mono"
      label={label}
      renderLine={(i) => {
        const from = i * bytesPerHexLine;
        const runs = runsOf(owner, from, Math.min(bytes.length, from + bytesPerHexLine));
        const ground = (run: Run) => (run.layer < 0 ? '' : `layer-${run.layer % 6} ${run.layer === emphasis ? 'emphasised' : ''}`);
        return (
          <div key={i} className="hex-line">
            <span className="hex-offset">{hex(from, 6)}</span>
            <span className="hex-bytes">
              {runs.map((run) => (
                <span key={run.from} className={ground(run)}>
                  {hexText(bytes, run, from)}
                </span>
              ))}
            </span>
            <span className="hex-text">
              {runs.map((run) => (
                <span key={run.from} className={ground(run)}>
                  {Array.from(bytes.subarray(run.from, run.to), printable).join('')}
                </span>
              ))}
            </span>
          </div>
        );
      }}
    />
  );
}

interface Run {
  from: number;
  to: number;
  layer: number;
}

function runsOf(owner: Int8Array, from: number, to: number): Run[] {
  const runs: Run[] = [];
  for (let at = from; at < to; at++) {
    const last = runs.at(-1);
    if (last && last.layer === owner[at]) last.to = at + 1;
    else runs.push({ from: at, to: at + 1, layer: owner[at]! });
  }
  return runs;
}

/** Three characters a byte and a gap after the eighth, so that columns stand under each other whatever the runs are. */
function hexText(bytes: Uint8Array, run: Run, lineStart: number): string {
  let text = '';
  for (let at = run.from; at < run.to; at++) text += hex(bytes[at]!, 2) + (at - lineStart === 7 ? '  ' : ' ');
  return text;
}
