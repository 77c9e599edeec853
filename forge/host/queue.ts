// Queues of one installation: events wait until they are due, are delivered at least once, and come again when their consumer asks.
import type { Clock } from './clock.ts';
import { type Reply, Refusal } from './reply.ts';

/** What a consumer gets, and when. */
export interface QueuedEvent {
  queueName: string;
  jobId: string;
  eventId: string;
  body: Record<string, unknown>;
  due: number;
  pushed: number;
  /** How many events led to this one: an event that pushes the next, and so on. */
  generation: number;
  delayInSeconds?: number;
  concurrency?: { key: string; limit: number };
  retryContext?: { retryCount: number; retryReason: string; retryData?: unknown };
}

interface Push {
  queueName: string;
  jobId: string;
  payload: { body: Record<string, unknown>; delayInSeconds?: number; concurrency?: { key: string; limit: number } }[];
}

interface Job {
  success: number;
  inProgress: number;
  failed: number;
}

const MAX_EVENTS = 50;
const MAX_BYTES = 200 * 1024;
const MAX_DELAY = 900;
const PER_MINUTE = 500;
const MAX_GENERATION = 1_000;
const RETENTION = 24 * 3_600_000;
const MAX_RETRY_DATA = 4 * 1024;

export class Queues {
  /** Each event of the next pushes is delivered twice. */
  duplicate = false;
  /** The next pushes arrive so many milliseconds late. */
  late = 0;
  #names: Set<string>;
  #clock: Clock;
  #uuid: () => string;
  #waiting: QueuedEvent[] = [];
  #jobs = new Map<string, Job>();
  #minute = { at: -1, events: 0 };

  constructor(names: Iterable<string>, clock: Clock, uuid: () => string) {
    this.#names = new Set(names);
    this.#clock = clock;
    this.#uuid = uuid;
  }

  /** Performs what `@forge/events` asks: `publish`, `stats` or `cancel`. `generation` is that of the event under whose consumer it was asked. */
  perform(action: string, body: Push, generation: number): Reply {
    if (action === 'publish') return this.#publish(body, generation);
    const job = this.#jobs.get(body.jobId);
    if (!job) throw new Refusal(404, 'JOB_NOT_FOUND', 'There is no such job');
    if (action === 'stats') return { status: 200, body: job };
    this.#waiting = this.#waiting.filter(({ jobId }) => jobId !== body.jobId);
    job.inProgress = 0;
    return { status: 204 };
  }

  /** Events that wait, in the order in which they are due. */
  get waiting(): readonly QueuedEvent[] {
    return this.#waiting.toSorted((a, b) => a.due - b.due);
  }

  /** When the next is due. */
  next(): number | undefined {
    return this.waiting[0]?.due;
  }

  /** Takes the next that is due by now. */
  take(): QueuedEvent | undefined {
    const next = this.waiting[0];
    if (!next || next.due > this.#clock.now()) return undefined;
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    return next;
  }

  /** Settles a delivery by what the consumer returned; `undefined` when it failed. */
  settle(event: QueuedEvent, outcome: { returned: unknown } | undefined): void {
    const job = this.#jobs.get(event.jobId);
    const returned = outcome?.returned as { _retry?: boolean; retryOptions?: { retryAfter?: number; retryReason?: string; retryData?: unknown } } | undefined;
    if (outcome && !returned?._retry) {
      if (job) {
        job.inProgress = Math.max(0, job.inProgress - 1);
        job.success += 1;
      }
      return;
    }
    const retryCount = (event.retryContext?.retryCount ?? 0) + 1;
    const { retryAfter, retryReason = 'FUNCTION_UPSTREAM_ERROR', retryData } = returned?.retryOptions ?? {};
    const tooLarge = retryData !== undefined && Buffer.byteLength(JSON.stringify(retryData)) > MAX_RETRY_DATA;
    // What failed without a wish comes again after a pause that doubles, up to a quarter of an hour.
    const pause = Math.min(MAX_DELAY, retryAfter ?? 5 * 2 ** (retryCount - 1)) * 1_000;
    const due = this.#clock.now() + pause;
    if (tooLarge || due - event.pushed > RETENTION) {
      if (job) {
        job.inProgress = Math.max(0, job.inProgress - 1);
        job.failed += 1;
      }
      return;
    }
    const retryContext = { retryCount, retryReason, ...(retryData !== undefined && { retryData }) };
    this.#waiting.push({ ...event, due, retryContext });
  }

  #publish({ queueName, jobId, payload }: Push, generation: number): Reply {
    if (!this.#names.has(queueName)) throw new Refusal(400, 'INVALID_QUEUE', `The manifest has no consumer of ${queueName}`);
    if (payload.length > MAX_EVENTS || Buffer.byteLength(JSON.stringify(payload)) > MAX_BYTES) {
      return { status: 413, body: { errorMessage: 'The push is too large' } };
    }
    if (payload.some(({ delayInSeconds = 0 }) => delayInSeconds < 0 || delayInSeconds > MAX_DELAY)) {
      throw new Refusal(400, 'INVALID_DELAY', `A delay is up to ${MAX_DELAY} seconds`);
    }
    if (generation >= MAX_GENERATION) throw new Refusal(405, 'CYCLIC_INVOCATION', 'The limit on cyclic invocation has been reached');
    const now = this.#clock.now();
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute.at) this.#minute = { at: minute, events: 0 };
    if (this.#minute.events + payload.length > PER_MINUTE) throw new Refusal(429, 'RATE_LIMIT_EXCEEDED', 'Too many events in a minute');
    this.#minute.events += payload.length;
    for (const { body, delayInSeconds = 0, concurrency } of payload) {
      const event: QueuedEvent = {
        queueName,
        jobId,
        eventId: this.#uuid(),
        body: structuredClone(body),
        due: now + delayInSeconds * 1_000 + this.late,
        pushed: now,
        generation: generation + 1,
        ...(delayInSeconds > 0 && { delayInSeconds }),
        ...(concurrency && { concurrency }),
      };
      this.#waiting.push(event);
      if (this.duplicate) this.#waiting.push({ ...event });
    }
    this.#jobs.set(jobId, { success: 0, inProgress: payload.length, failed: 0 });
    return { status: 201, body: {} };
  }
}
