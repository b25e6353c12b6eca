import { addClause } from '../app/dashboard';
import { negate } from '../filter/clauses';

interface Props {
  text: string;
  /** the clause that it stands for, where the language has one */
  selector: string | null | undefined;
  /** within a line of text: no button beside it */
  inline?: boolean;
}

/** A value that can be added to the filter. A click that ends a text selection is meant for the selection. */
export function Value({ text, selector, inline }: Props) {
  const look = inline ? 'fact-inline' : 'fact-value';
  if (!selector) return <span className={look}>{text}</span>;
  const add = (exclude: boolean) => addClause(exclude ? negate(selector) : selector);
  const hint = `Add to the filter: ${selector} (Alt: exclude)`;
  return (
    <>
      <span className={`${look} clickable`} title={hint} onClick={(event) => window.getSelection()?.isCollapsed !== false && add(event.altKey)}>
        {text}
      </span>
      {!inline && (
        <button type="button" className="fact-add" aria-label={`Add to the filter: ${selector}`} title={hint} onClick={(event) => add(event.altKey)}>
          +
        </button>
      )}
    </>
  );
}
