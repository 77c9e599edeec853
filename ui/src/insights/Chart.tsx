/** One colour of a chart, the stylesheet's of its place, and what it stands for. */
export interface Bar {
  name: string;
  values: readonly number[];
}

const width = 720;
const height = 160;
const gap = 0.2;
/** Few bars stay bars. */
const widest = 60;

/**
 * Bars of several colours, stacked or side by side. It says nothing that the table beside it does not: screen readers pass it by. Everything is an
 * attribute or a class, so that no policy for styles can take it away.
 */
export function Chart({ bars, stacked }: { bars: readonly Bar[]; stacked: boolean }) {
  const places = Math.max(0, ...bars.map(({ values }) => values.length));
  const at = (place: number) => bars.map(({ values }) => values[place] ?? 0);
  const heights = Array.from({ length: places }, (_, place) => (stacked ? sum(at(place)) : Math.max(...at(place))));
  const highest = Math.max(1, ...heights);
  const room = Math.min(widest, width / Math.max(1, places));
  return (
    <div className="c-chart" aria-hidden="true">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" focusable="false">
        {Array.from({ length: places }, (_, place) => {
          let below = 0;
          return at(place).map((value, number) => {
            const tall = (value / highest) * (height - 4);
            const wide = (room * (1 - gap)) / (stacked ? 1 : bars.length);
            const x = place * room + (room * gap) / 2 + (stacked ? 0 : number * wide);
            const y = height - tall - (stacked ? below : 0);
            if (stacked) below += tall;
            return <rect key={`${place}-${number}`} className={`c-bar-${number}`} x={x} y={y} width={wide} height={tall} />;
          });
        })}
        <line className="c-axis" x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
      </svg>
      <ul className="c-legend">
        {bars.map(({ name }, number) => (
          <li key={name}>
            <svg viewBox="0 0 10 10" width={10} height={10} focusable="false">
              <rect className={`c-bar-${number}`} width={10} height={10} />
            </svg>{' '}
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
