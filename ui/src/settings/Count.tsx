import { t } from '../messages';
import { TextInput } from '../shell/fields';

/** A whole number within bounds. */
export function Count({
  name,
  label,
  help,
  least = 1,
  most,
  initial,
}: {
  name: string;
  label: string;
  help?: string;
  least?: number;
  most: number;
  initial?: number;
}) {
  const check = (value: string | undefined) => {
    const count = Number(value);
    return Number.isInteger(count) && count >= least && count <= most ? undefined : t.errors.wholeNumber(least, most);
  };
  return (
    <TextInput
      name={name}
      label={label}
      help={help}
      type="number"
      min={least}
      max={most}
      initial={initial === undefined ? '' : String(initial)}
      check={check}
      required
    />
  );
}
