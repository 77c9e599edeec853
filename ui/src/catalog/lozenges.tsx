import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import type { DataClass, Risk, ToolStatus } from '../api/types';
import { t } from '../messages';

const riskColours: Record<Risk, ThemeAppearance> = { low: 'success', medium: 'inprogress', high: 'moved', restricted: 'removed' };
const statusColours: Record<ToolStatus, ThemeAppearance> = { draft: 'new', requestable: 'success', suspended: 'moved', retired: 'default' };

export function RiskLozenge({ risk }: { risk: Risk }) {
  return <Lozenge appearance={riskColours[risk]}>{t.catalog.riskOf[risk]}</Lozenge>;
}

export function ToolStatusLozenge({ status }: { status: ToolStatus }) {
  return <Lozenge appearance={statusColours[status]}>{t.catalog.statuses[status]}</Lozenge>;
}

/** The classes as one phrase, from the most harmless to the most delicate. */
export function DataClasses({ classes }: { classes: readonly DataClass[] }) {
  const order = Object.keys(t.catalog.dataClasses) as DataClass[];
  return <>{t.common.list(order.filter((each) => classes.includes(each)).map((each) => t.catalog.dataClasses[each]))}</>;
}
