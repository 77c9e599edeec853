'use strict';
// What Atlassian's validators do not say: the platform's documented limits that they do not know, and whether manifest, glue and Rust
// declarations fit together. Each rule yields sentences about what is wrong.
const fs = require('fs');
const path = require('path');

const EVENTS = /^avi:(jira:(created|updated|deleted):(issue|user)|forge:(installed|upgraded):app)$/;
const UNLICENSED = ['customer', 'unlicensed', 'anonymous'];
/** Index slots of the entity `document`. */
const SLOTS = 7;

const RULES = {
  scheduledTriggers: ({ modules: { scheduledTrigger = [] } }) => [
    ...(scheduledTrigger.length > 5 ? ['more than 5 scheduled triggers'] : []),
    ...(scheduledTrigger.filter(({ interval }) => interval === 'fiveMinute').length > 1 ? ['more than one trigger every five minutes'] : []),
  ],
  entities: ({ app: { storage: { entities = [] } = {} } }) => [
    ...(entities.length > 20 ? ['more than 20 entities'] : []),
    ...entities.flatMap(({ name, attributes, indexes = [] }) => [
      ...(indexes.length > 7 ? [`entity ${name} has more than 7 indexes`] : []),
      ...(Object.keys(attributes).length > 50 ? [`entity ${name} has more than 50 attributes`] : []),
      ...Object.keys(attributes).flatMap((attribute) => (attribute.length > 30 ? [`attribute ${attribute} has more than 30 characters`] : [])),
      ...indexes.flatMap((index) => (index.range?.length > 1 ? [`index ${index.name} has more than one range attribute`] : [])),
      ...indexes.flatMap((index) => (index.name === 'by-key' ? [`the index name by-key of ${name} is the platform's`] : [])),
    ]),
  ],
  functions: ({ app: { runtime }, modules }) => {
    const long = [...modules.consumer, ...modules.scheduledTrigger].map((module) => module.function);
    return modules.function.flatMap(({ key, timeoutSeconds = 0, runtime: { memoryMB } = runtime }) => [
      ...(memoryMB !== undefined && (memoryMB < 128 || memoryMB > 1024) ? [`function ${key} has ${memoryMB} MB; the platform takes 128 to 1024`] : []),
      ...(timeoutSeconds > 55 && !long.includes(key) ? [`function ${key} has more time than its modules may have`] : []),
    ]);
  },
  events: ({ modules: { trigger = [] } }) =>
    trigger.flatMap(({ key, events }) => events.filter((event) => !EVENTS.test(event)).map((event) => `trigger ${key} names the event ${event}`)),
  unlicensedAccess: ({ modules }) =>
    Object.values(modules).flat().flatMap(({ key, unlicensedAccess = [] }) => unlicensedAccess.filter((who) => !UNLICENSED.includes(who)).map((who) => `module ${key} lets in ${who}`)),
  // The trust boundaries: what customers reach is another function than what administrators reach, and each serves its own modules only.
  boundaries: ({ modules }) => {
    const allowed = {
      'jira:adminPage': 'resolve-admin',
      'jira:globalPage': 'resolve-app',
      'jira:issuePanel': 'resolve-app',
      'jiraServiceManagement:queuePage': 'resolve-app',
    };
    return Object.entries(modules).flatMap(([type, list]) =>
      list
        .filter(({ resolver }) => resolver)
        .filter(({ resolver }) => resolver.function !== (allowed[type] ?? 'resolve-portal'))
        .map(({ key, resolver }) => `module ${key} (${type}) reaches the function ${resolver.function}`),
    );
  },
  locales: ({ translations: { resources } }, { app }) => {
    const keys = ({ path: file }) => flat(JSON.parse(fs.readFileSync(path.join(app, file), 'utf8')));
    const [first, ...others] = resources.map((resource) => [resource.key, keys(resource)]);
    return others.flatMap(([locale, found]) => (found.join() === first[1].join() ? [] : [`the locale ${locale} has other keys than ${first[0]}`]));
  },
  // The document entity has room for every kind that the rules declare.
  kinds: ({ app: { storage } }, { declared }) => {
    const document = storage.entities.find(({ name }) => name === 'document');
    const slots = Array.from({ length: SLOTS }, (_, place) => place + 1);
    const index = (slot) => document.indexes.find(({ name }) => name === `slot-${slot}`);
    return [
      ...slots.filter((slot) => index(slot)?.partition[0] !== `p${slot}` || index(slot)?.range[0] !== `r${slot}`).map((slot) => `entity document lacks the slot ${slot}`),
      ...declared.kinds.filter(({ indexes }) => indexes.length > SLOTS).map(({ name }) => `kind ${name} has more than ${SLOTS} indexes`),
      ...declared.kinds.filter(({ name }) => !/^[a-z_]{3,60}$/.test(name)).map(({ name }) => `kind ${name} makes no key`),
    ];
  },
  // Every scope is needed by a call or an event, and every call and event has its scope.
  scopes: ({ permissions, modules }) => {
    const { jira, 'service-management': desk, platform } = require('./endpoints.json');
    const ofEvents = modules.trigger.flatMap(({ events }) => events).map((event) => ({ issue: 'read:jira-work', user: 'read:jira-user' })[event.split(':').pop()]);
    const needed = new Set([...[...jira, ...desk, ...platform].flatMap(({ scopes }) => scopes), ...ofEvents.filter(Boolean)]);
    return [
      ...permissions.scopes.filter((scope) => !needed.has(scope)).map((scope) => `no call needs the scope ${scope}`),
      ...[...needed].filter((scope) => !permissions.scopes.includes(scope)).map((scope) => `a call needs the scope ${scope}`),
    ];
  },
  // Every REST path in the sources is a row of the table.
  endpoints: (_, { app, sources }) => {
    const { jira, 'service-management': desk } = require('./endpoints.json');
    const known = new Set([...jira, ...desk].map(({ path: place }) => place.replace(/\{[^}]*\}/g, '{}')));
    return sources.flatMap((file) =>
      [...fs.readFileSync(path.join(app, file), 'utf8').matchAll(/route`([^`]*)`/g)]
        .map(([, text]) => text.split('?')[0].replace(/\$\{[^}]*\}/g, '{}'))
        .filter((place) => !known.has(place))
        .map((place) => `${file} calls ${place}, which is no row of tools/endpoints.json`),
    );
  },
  scopeReasons: ({ permissions }, { app }) => {
    const text = fs.readFileSync(path.join(app, 'manifest.yml'), 'utf8');
    return permissions.scopes.filter((scope) => !text.includes(`# | ${scope} `)).map((scope) => `the manifest gives no reason for the scope ${scope}`);
  },
  // A handler that is missing would only be found when it is called.
  handlers: ({ modules }, { bundle }) => {
    const exported = require(path.join(bundle, 'index.cjs'));
    return modules.function
      .map(({ handler }) => handler.split('.')[1])
      .filter((name) => typeof exported[name] !== 'function')
      .map((name) => `the bundle exports no ${name}`);
  },
  queues: ({ modules }, { app }) => {
    const text = fs.readFileSync(path.join(app, 'src/clockwork/queue.ts'), 'utf8');
    const used = new Set([...text.matchAll(/^ {2}'[a-z._]+': '([a-z-]+)',$/gm)].map(([, queue]) => queue));
    const consumed = new Set(modules.consumer.map(({ queue }) => queue));
    return [
      ...[...used].filter((queue) => !consumed.has(queue)).map((queue) => `nobody consumes the queue ${queue}`),
      ...[...consumed].filter((queue) => !used.has(queue)).map((queue) => `nothing is pushed to the queue ${queue}`),
    ];
  },
};

const flat = (value, prefix = '') =>
  Object.entries(value)
    .flatMap(([key, inner]) => (typeof inner === 'object' ? flat(inner, `${prefix}${key}.`) : [`${prefix}${key}`]))
    .sort();

exports.RULES = RULES;
exports.findings = (context) =>
  Object.entries(RULES).flatMap(([name, rule]) => rule(context.manifest, context).map((sentence) => `${name}: ${sentence}`));
