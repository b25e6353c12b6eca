/**
 * What a person's browser, the CLI and scripts talk to: docs/api.md over one origin. Reads from workers by WebSocket, and only while
 * somebody looks; workers never need it.
 *
 * <pre>
 *   worker ──Entries──► WorkerConnection ──► RowFeed (one per browser's filter) ──► BrowserSession ──► browser
 *      ▲                                        │
 *      └───────────── credit ───────────────────┘   only for what the browser took: a slow browser is skipped at the worker
 * </pre>
 */
package io.kubeshark.hub;
