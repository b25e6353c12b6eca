import { beforeEach, describe, expect, it } from 'vitest';
import type { HubFrame } from '../api/types';
import { HubConnection, type Phase, type SocketLike } from './HubConnection';

/** A clock, timers and sockets that move only when told to. */
class Bench {
  time = 0;
  timers = new Map<number, { at: number; run: () => void }>();
  sockets: (SocketLike & { sent: string[] })[] = [];
  phases: Phase[] = [];
  frames: HubFrame[] = [];
  private lastTimer = 0;

  connection = new HubConnection(
    'ws://hub/api/ws',
    {
      now: () => this.time,
      openSocket: () => {
        const sent: string[] = [];
        const socket = { onopen: null, onmessage: null, onclose: null, sent, send: (text: string) => void sent.push(text), close: () => {} };
        this.sockets.push(socket);
        return socket;
      },
      setTimer: (run, ms) => {
        this.timers.set(++this.lastTimer, { at: this.time + ms, run });
        return this.lastTimer;
      },
      clearTimer: (timer) => void this.timers.delete(timer as number),
    },
    (phase) => this.phases.push(phase),
    (frame) => this.frames.push(frame),
  );

  get socket() {
    return this.sockets.at(-1)!;
  }

  say(frame: object) {
    this.socket.onmessage!({ data: JSON.stringify(frame) });
  }

  advance(ms: number) {
    this.time += ms;
    for (const [id, timer] of [...this.timers]) {
      if (timer.at > this.time) continue;
      this.timers.delete(id);
      timer.run();
    }
  }

  sentOf(socket: { sent: string[] }) {
    return socket.sent.map((text) => JSON.parse(text) as Record<string, unknown>);
  }
}

const everything = { kfl: '', history: 10, historyAfterReconnect: 50 };

describe('HubConnection', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    bench.connection.start(everything);
  });

  it('subscribes as soon as it is open', () => {
    bench.socket.onopen!();
    expect(bench.phases.map((p) => p.name)).toEqual(['connecting', 'open']);
    expect(bench.sentOf(bench.socket)).toEqual([{ type: 'subscribe', id: 1, kfl: '', history: 10 }]);
  });

  it('backs off up to five seconds, and begins anew after a success', () => {
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      bench.socket.onclose!({ code: 1006, reason: '' });
      const phase = bench.phases.at(-1) as Extract<Phase, { name: 'waiting' }>;
      waits.push(phase.retryAt - bench.time);
      bench.advance(5000);
    }
    expect(waits).toEqual([1000, 2000, 4000, 5000, 5000, 5000]);
    bench.socket.onopen!();
    bench.socket.onclose!({ code: 1006, reason: '' });
    expect((bench.phases.at(-1) as Extract<Phase, { name: 'waiting' }>).retryAt - bench.time).toBe(500);
  });

  it('comes back with the filter that was accepted, not with the one that was refused', () => {
    bench.socket.onopen!();
    bench.connection.subscribe({ ...everything, kfl: 'http' });
    bench.say({ type: 'subscribed', id: 2, kfl: 'http' });
    bench.connection.subscribe({ ...everything, kfl: 'htp' });
    bench.say({ type: 'filterError', id: 3, error: {} });
    bench.socket.onclose!({ code: 1006, reason: '' });
    bench.advance(5000);
    bench.socket.onopen!();
    expect(bench.sentOf(bench.socket)).toEqual([{ type: 'subscribe', id: 4, kfl: 'http', history: 50 }]);
  });

  it('tells a new connection that the feed is paused', () => {
    bench.socket.onopen!();
    bench.connection.setPaused(true);
    bench.socket.onclose!({ code: 1006, reason: '' });
    bench.advance(5000);
    bench.socket.onopen!();
    expect(bench.sentOf(bench.socket).map((m) => m.type)).toEqual(['subscribe', 'pause']);
  });

  it('takes a long silence for a dead connection', () => {
    bench.socket.onopen!();
    bench.advance(14_000);
    bench.say({ type: 'end', reason: '' });
    bench.advance(14_000);
    expect(bench.phases.at(-1)!.name).toBe('open');
    bench.advance(1000);
    expect(bench.phases.at(-1)!.name).toBe('waiting');
  });

  it('connects at once when asked to', () => {
    bench.socket.onclose!({ code: 1006, reason: '' });
    bench.connection.retryNow();
    expect(bench.sockets.length).toBe(2);
    bench.advance(60_000);
    expect(bench.sockets.length).toBe(2);
  });
});
