import type { Section, SectionRow, TableSection } from '../api/types';
import { addClause } from '../app/dashboard';
import { negate } from '../filter/clauses';
import { BodyView } from './BodyView';

/** A section as the protocol describes it. What the rows mean is not known here, and need not be. */
export function SectionView({ section }: { section: Section }) {
  return (
    <section className="section">
      {section.type === 'table' ? (
        <>
          <h3>{section.title}</h3>
          <TableView section={section} />
        </>
      ) : (
        <BodyView section={section} />
      )}
    </section>
  );
}

function TableView({ section }: { section: TableSection }) {
  if (section.rows.length === 0) return <p className="muted">none</p>;
  return (
    <table className="facts">
      <tbody>
        {section.rows.map((row, i) => (
          <tr key={i}>
            <th scope="row">{row.name}</th>
            <td>
              <Value row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The value can be clicked as well as the button; a click that ends a text selection is meant for the selection. */
function Value({ row }: { row: SectionRow }) {
  const text = row.value === null ? '–' : String(row.value);
  if (!row.selector) return <span className="fact-value">{text}</span>;
  const selector = row.selector;
  const add = (exclude: boolean) => addClause(exclude ? negate(selector) : selector);
  return (
    <>
      <span
        className="fact-value clickable"
        title={`Add to the filter: ${selector}`}
        onClick={(event) => window.getSelection()?.isCollapsed !== false && add(event.altKey)}
      >
        {text}
      </span>
      <button type="button" className="fact-add" aria-label={`Add to the filter: ${selector}`} title={`Add to the filter: ${selector} (Alt: exclude)`} onClick={(event) => add(event.altKey)}>
        +
      </button>
    </>
  );
}
