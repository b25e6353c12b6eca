/** Strokes on a 16 × 16 grid; always beside a label or in a labelled button, hence hidden from screen readers. */
const paths = {
  filter: 'M2 3h12l-4.5 5.5V13l-3-1.5V8.5z',
  close: 'M4 4l8 8M12 4l-8 8',
  list: 'M5 4h9M5 8h9M5 12h9M2 4h.01M2 8h.01M2 12h.01',
  book: 'M3 2.5h8a2 2 0 0 1 2 2V14H5a2 2 0 0 1-2-2zM3 12a2 2 0 0 1 2-2h8',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 2.5l8 5.5-8 5.5z',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10',
  keyboard: 'M1.5 4h13v8h-13zM4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 9.8h6',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  auto: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  down: 'M8 3v9.5M4 9l4 4 4-4',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  external: 'M6.5 3H3v10h10V9.5M9 2.5h4.5V7M13.5 2.5L7.5 8.5',
  event: 'M8 1.5l5.6 2.7 1.4 6-3.9 4.8H4.9L1 10.2l1.4-6zM8 5v3.5M8 11h.01',
  lock: 'M4 7.5h8V14H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
