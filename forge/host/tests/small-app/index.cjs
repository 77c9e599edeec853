// Evaluates what a test asks for, with Atlassian's packages at hand, and hands errors back as data.
const api = require('@forge/api');
const { Queue, InvocationError } = require('@forge/events');
const { Resolver } = { Resolver: require('@forge/resolver').default };
const { kvs, Filter, FilterConditions, Sort, WhereConditions } = require('@forge/kvs');

const tools = { api, kvs, Filter, FilterConditions, Sort, WhereConditions, Queue, InvocationError, route: api.route };

const evaluate = async (source, payload, context) => {
  try {
    return { ok: await new Function('tools', 'payload', 'context', 'Date', 'setTimeout', 'fetch', `with (tools) { return (${source})(payload, context); }`)(tools, payload, context, Date, setTimeout, fetch) };
  } catch (error) {
    return { error: { name: error.name, code: error.code, message: error.message, status: error.responseDetails?.status ?? error.status } };
  }
};

exports.resolver = new Resolver()
  .define('run', ({ payload, context }) => evaluate(payload.source, payload.payload, context))
  .getDefinitions();
const keep = async (name, event) => {
  const seen = (await kvs.get(name)) ?? [];
  await kvs.set(name, [...seen, { at: Date.now(), ...event }]);
};
exports.trigger = (event) => keep('seen-events', { type: event.eventType, issue: event.issue?.id });
exports.scheduled = () => keep('seen-schedules', {});
exports.consumer = async (event) => {
  await keep('seen-queue', event);
  if (event.body.again > (event.retryContext?.retryCount ?? 0)) return new InvocationError({ retryAfter: 30, retryReason: 'UNKNOWN', retryData: { kept: true } });
  if (event.body.fails && !event.retryContext) throw new Error('first delivery fails');
  if (event.body.chain) await new Queue({ key: 'work' }).push({ body: { chain: event.body.chain - 1 } });
  return undefined;
};
