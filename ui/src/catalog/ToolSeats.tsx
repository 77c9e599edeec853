import { useOperation } from '../api/hooks';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Facts, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';

const text = t.catalog;

/** How many seats of a tool are taken, and who waits for one: for its owners and administrators. */
export function ToolSeats({ tool }: { tool: string }) {
  const query = useOperation('seats.get', { tool });
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingRows label={t.common.loadingPage} />;
  const { seats, seekers } = query.data;
  const taken = seats.grants + seats.members + seats.offered;
  const words = [
    seats.cap != null && text.seatsTaken(taken, seats.cap),
    seats.free != null && text.seatsFree(seats.free),
    seats.offered > 0 && text.seatsOffered(seats.offered),
    seats.members > 0 && text.seatsMembers(seats.members),
    seats.waiting > 0 && text.seatsWaiting(seats.waiting),
  ];
  return (
    <Section title={text.seatCap}>
      <p>{t.common.list(words.filter((word) => word !== false))}</p>
      {seats.counting && <p className="c-subtle">{text.seatsCounting}</p>}
      {seekers.length > 0 && (
        <ol className="c-timeline" aria-label={text.seatSeekers}>
          {seekers.map((seeker) => (
            <li key={seeker.request}>
              <a href={`#/requests/${seeker.request}`}>{seeker.person.name}</a>
              <Facts
                rows={[
                  [text.seatPlace, seeker.place],
                  [text.seatSince, seeker.since ? <When at={seeker.since} /> : null],
                  [text.seatUntil, seeker.offered_until ? <When at={seeker.offered_until} relative /> : null],
                ]}
              />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
