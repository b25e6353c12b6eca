import type { HubFrame } from '../api/types';

/** What the page may know about the way to the hub. `retryAt` is on the clock of Date.now(). */
export type Phase =
  | { name: 'connecting'; attempt: number }
  | { name: 'open' }
  | { name: 'waiting'; attempt: number; retryAt: number; reason: string };

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Surroundings {
  openSocket(url: string): SocketLike;
  now(): number;
  setTimer(run: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
}

export interface Subscription {
  kfl: string;
  /** newest stored rows to begin with */
  history: number;
  /** the same after a lost connection, when rows were missed */
  historyAfterReconnect: number;
}

const backOffFirstMs = 500;
const backOffMaxMs = 5000;
/** The hub sends statistics once a second: this much silence means that the connection is dead without saying so. */
const silenceMaxMs = 15_000;

/**
 * Keeps one WebSocket to the hub, come what may: reconnects with back-off, and subscribes again to the filter that was last
 * accepted (a refused one would leave the new connection without any stream).
 */
export class HubConnection {
  private socket: SocketLike | null = null;
  private open = false;
  private attempt = 0;
  private lastId = 0;
  private wanted: Subscription = { kfl: '', history: 0, historyAfterReconnect: 0 };
  private accepted: Subscription | null = null;
  private paused = false;
  private retryTimer: unknown = null;
  private silenceTimer: unknown = null;

  constructor(
    private readonly url: string,
    private readonly around: Surroundings,
    private readonly onPhase: (phase: Phase) => void,
    private readonly onFrame: (frame: HubFrame) => void,
  ) {}

  start(subscription: Subscription): void {
    this.wanted = subscription;
    this.connect();
  }

  subscribe(subscription: Subscription): void {
    this.wanted = subscription;
    if (this.open) this.sendSubscribe();
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    if (this.open) this.send({ type: paused ? 'pause' : 'resume' });
  }

  retryNow(): void {
    if (this.retryTimer === null) return;
    this.around.clearTimer(this.retryTimer);
    this.retryTimer = null;
    this.connect();
  }

  private connect(): void {
    this.attempt++;
    this.onPhase({ name: 'connecting', attempt: this.attempt });
    const socket = this.around.openSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      this.open = true;
      this.attempt = 0;
      this.onPhase({ name: 'open' });
      if (this.accepted) this.wanted = { ...this.accepted, history: this.accepted.historyAfterReconnect };
      this.sendSubscribe();
      if (this.paused) this.send({ type: 'pause' });
      this.watchSilence();
    };
    socket.onmessage = (event) => {
      this.watchSilence();
      const frame = JSON.parse(String(event.data)) as HubFrame;
      if (frame.type === 'subscribed' && frame.id === this.lastId) this.accepted = this.wanted;
      this.onFrame(frame);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.reason || `closed with code ${event.code}`);
    };
  }

  private lost(reason: string): void {
    this.socket = null;
    this.open = false;
    this.around.clearTimer(this.silenceTimer);
    const waitMs = Math.min(backOffMaxMs, backOffFirstMs * 2 ** Math.min(this.attempt, 10));
    this.onPhase({ name: 'waiting', attempt: this.attempt, retryAt: this.around.now() + waitMs, reason });
    this.retryTimer = this.around.setTimer(() => {
      this.retryTimer = null;
      this.connect();
    }, waitMs);
  }

  private watchSilence(): void {
    this.around.clearTimer(this.silenceTimer);
    this.silenceTimer = this.around.setTimer(() => {
      const silent = this.socket;
      this.lost(`no word from the hub for ${silenceMaxMs / 1000} s`);
      silent?.close();
    }, silenceMaxMs);
  }

  private sendSubscribe(): void {
    this.lastId++;
    this.send({ type: 'subscribe', id: this.lastId, kfl: this.wanted.kfl, history: this.wanted.history });
  }

  private send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }
}
