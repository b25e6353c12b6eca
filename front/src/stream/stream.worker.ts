import type { HubFrame } from '../api/types';
import { HubConnection, type SocketLike } from './HubConnection';
import { batchBuffers, packRows } from './RowBatch';
import type { FromWorker, ToWorker } from './messages';

/**
 * The socket lives here and not on the page's thread: a history of 50,000 rows is some 30 MB of JSON, and parsing it would
 * freeze the page for a third of a second.
 */
declare const self: DedicatedWorkerGlobalScope;

/** Rows a message to the page: small enough that taking one over costs the page well under a frame. */
const messageRowsMax = 1000;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

function passOn(frame: HubFrame): void {
  if (frame.type !== 'rows') return post({ type: 'frame', frame });
  let notShown = frame.notShown ?? 0;
  let from = 0;
  do {
    const batch = packRows(frame.rows.slice(from, from + messageRowsMax));
    post({ type: 'batch', id: frame.id, batch, notShown, history: frame.history ?? false }, batchBuffers(batch));
    notShown = 0; // the gap lies before the frame's first row
    from += messageRowsMax;
  } while (from < frame.rows.length);
}

let connection: HubConnection | null = null;

self.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.type) {
    case 'start':
      connection = new HubConnection(
        message.url,
        {
          openSocket: (url) => new WebSocket(url) as unknown as SocketLike, // the DOM's handlers have a `this`, ours do not
          now: () => Date.now(),
          setTimer: (run, ms) => setTimeout(run, ms),
          clearTimer: (timer) => clearTimeout(timer as number),
        },
        (phase) => post({ type: 'phase', phase }),
        passOn,
      );
      connection.start(message.subscription);
      break;
    case 'subscribe':
      connection?.subscribe(message.subscription);
      break;
    case 'paused':
      connection?.setPaused(message.paused);
      break;
    case 'retryNow':
      connection?.retryNow();
      break;
  }
};
