// One installation of the app on one site: everything of one tenant.
import type { Clock } from './clock.ts';
import { Counters } from './counters.ts';
import { Faults } from './faults.ts';
import { JiraSite } from './jira/site.ts';
import type { Manifest, Schedule } from './manifest.ts';
import { Queues } from './queue.ts';
import { Storage } from './storage/storage.ts';

/** An event of the product that waits for its trigger. */
export interface ProductEvent {
  event: string;
  payload: Record<string, unknown>;
  due: number;
  /** Whether the app itself caused it. */
  own: boolean;
  attempt: number;
}

/** A line that the app logged. */
export interface LogLine {
  level: string;
  text: string;
}

export class Installation {
  readonly id: string;
  readonly cloudId: string;
  readonly environmentId: string;
  readonly counters = new Counters();
  readonly faults = new Faults();
  readonly jira = new JiraSite();
  readonly storage: Storage;
  readonly queues: Queues;
  readonly log: LogLine[] = [];
  /** Product events that wait, in no order. */
  events: ProductEvent[] = [];
  /** How late product events arrive, in milliseconds, and whether twice. */
  eventDelay = 0;
  duplicateEvents = false;
  licensed = true;
  #schedules: { schedule: Schedule; due: number }[];

  constructor(manifest: Manifest, clock: Clock, name: string, uuid: () => string) {
    this.id = uuid();
    this.cloudId = `cloud-${name}`;
    this.environmentId = uuid();
    this.storage = new Storage(manifest, clock, this.counters);
    this.queues = new Queues(manifest.consumers.keys(), clock, uuid);
    // The first run is about five minutes after the app was installed.
    this.#schedules = manifest.schedules.map((schedule) => ({ schedule, due: clock.now() + 300_000 }));
  }

  /** When something happens next by itself. */
  next(): number | undefined {
    const due = [this.queues.next(), ...this.#schedules.map((item) => item.due), ...this.events.map((item) => item.due)];
    const known = due.filter((instant) => instant !== undefined);
    return known.length > 0 ? Math.min(...known) : undefined;
  }

  /** Takes a schedule that is due; it is due again after its interval. */
  takeSchedule(now: number): Schedule | undefined {
    const found = this.#schedules.find(({ due }) => due <= now);
    if (found) found.due += found.schedule.every;
    return found?.schedule;
  }

  /** Of the runs that were missed, each schedule makes up for one: all are due now. */
  missSchedules(now: number): void {
    for (const item of this.#schedules) if (item.due <= now) item.due = now;
  }

  takeEvent(now: number): ProductEvent | undefined {
    const index = this.events.findIndex(({ due }) => due <= now);
    return index < 0 ? undefined : this.events.splice(index, 1)[0];
  }
}
