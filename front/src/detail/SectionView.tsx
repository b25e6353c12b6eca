import type { Section, TableSection } from '../api/types';
import { BodyView } from './BodyView';
import { Value } from './Value';

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
              <Value text={row.value === null ? '–' : String(row.value)} selector={row.selector} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
