import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';

const overscanLines = 20;

interface Props {
  count: number;
  lineHeight: number;
  /** pixels; undefined = as high as the parent */
  maxHeight?: number;
  className: string;
  label: string;
  renderLine(index: number): ReactNode;
}

/** A scrolled list of lines of one height, of which only the visible ones exist: a megabyte of text opens at once. */
export function FixedLines({ count, lineHeight, maxHeight, className, label, renderLine }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: maxHeight ?? 600 });

  useLayoutEffect(() => {
    const element = scroller.current!;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [count]);

  const from = Math.max(0, Math.floor(view.top / lineHeight) - overscanLines);
  const to = Math.min(count, Math.ceil((view.top + view.height) / lineHeight) + overscanLines);
  const lines: ReactNode[] = [];
  for (let i = from; i < to; i++) lines.push(renderLine(i));
  return (
    <div ref={scroller} className={`fixed-lines ${className}`} style={maxHeight === undefined ? { flex: 1 } : { maxHeight }} tabIndex={0} role="group" aria-label={label}>
      <div style={{ height: count * lineHeight, paddingTop: from * lineHeight }}>{lines}</div>
    </div>
  );
}
