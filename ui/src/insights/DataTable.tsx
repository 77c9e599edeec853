import VisuallyHidden from '@atlaskit/visually-hidden';
import type { ReactNode } from 'react';

interface DataTableProps {
  /** What the table is of. */
  caption: string;
  head: readonly string[];
  /** The first cell of each row names it. */
  rows: readonly (readonly ReactNode[])[];
}

/** Numbers in rows and columns. */
export function DataTable({ caption, head, rows }: DataTableProps) {
  return (
    <div className="c-table" tabIndex={0} role="group" aria-label={caption}>
      <table className="c-data">
        <caption>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </caption>
        <thead>
          <tr>
            {head.map((cell) => (
              <th key={cell} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells], row) => (
            <tr key={row}>
              <th scope="row">{name}</th>
              {cells.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
