// The app's manifest as the platform reads it: only what decides how the platform behaves.
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

/** Types of an entity's attributes. */
export type AttributeType = 'string' | 'boolean' | 'float' | 'integer' | 'any';

/** An index of an entity. Without `range`, rows are in the order of their keys. */
export interface Index {
  name: string;
  partition: string[];
  range?: string;
}

export interface Entity {
  name: string;
  attributes: Map<string, AttributeType>;
  indexes: Map<string, Index>;
}

/** A function of the app. */
export interface Handler {
  key: string;
  /** `file.export`. */
  handler: string;
  timeoutSeconds: number;
}

/** Something that a person opens. */
export interface Surface {
  key: string;
  /** The module's type, e.g. `jira:adminPage`. */
  type: string;
  /** Key of the function that its calls go to. */
  resolver?: string;
  /** `resource` or `resource/entry`. */
  resource: string;
  title?: string;
  unlicensedAccess: string[];
}

export interface Trigger {
  key: string;
  function: string;
  events: string[];
  ignoreSelf: boolean;
}

export interface Schedule {
  key: string;
  function: string;
  /** How often, in milliseconds. */
  every: number;
}

export interface Resource {
  key: string;
  path: string;
  entry: Map<string, string>;
}

export interface Remote {
  key: string;
  baseUrl: string;
}

export interface Manifest {
  appId: string;
  entities: Map<string, Entity>;
  functions: Map<string, Handler>;
  surfaces: Map<string, Surface>;
  triggers: Trigger[];
  schedules: Schedule[];
  /** Function key by queue name. */
  consumers: Map<string, string>;
  preUninstall: string[];
  /** Keys of the app's own global permissions. */
  globalPermissions: string[];
  scopes: Set<string>;
  /** Hosts that functions may fetch from, and keys of remotes. */
  egress: string[];
  remotes: Map<string, Remote>;
  resources: Map<string, Resource>;
  /** As written, for `@forge/csp`. */
  permissions: Record<string, unknown>;
  /** Texts of the default locale. */
  translate(title: unknown): string | undefined;
}

const MINUTE = 60_000;
const INTERVALS: Record<string, number> = {
  fiveMinute: 5 * MINUTE,
  hour: 60 * MINUTE,
  day: 24 * 60 * MINUTE,
  week: 7 * 24 * 60 * MINUTE,
};

// The manifest was validated by Atlassian's own packages; here it is only read.
type Raw = any;

/** Reads `manifest.yml` in the app's folder. */
export function readManifest(folder: string): Manifest {
  return fromText(readFileSync(`${folder}/manifest.yml`, 'utf8'), (path) => JSON.parse(readFileSync(`${folder}/${path}`, 'utf8')));
}

/** The same from its text; `readJson` gives the files of its translations. */
export function fromText(text: string, readJson: (path: string) => unknown = () => ({})): Manifest {
  const raw: Raw = parse(text);
  const modules: Record<string, Raw[]> = raw.modules ?? {};
  const of = (type: string): Raw[] => modules[type] ?? [];
  const locale = raw.translations?.fallback?.default;
  const catalogue: Raw = raw.translations?.resources?.find((resource: Raw) => resource.key === locale);
  const texts: Raw = catalogue ? readJson(catalogue.path) : {};
  const translate = (title: Raw): string | undefined => (title?.i18n ? lookUp(texts, title.i18n) : title);
  return {
    appId: raw.app.id,
    entities: new Map((raw.app.storage?.entities ?? []).map((entity: Raw) => [entity.name, readEntity(entity)])),
    functions: new Map(
      of('function').map((item) => {
        const consumes = of('consumer').concat(of('scheduledTrigger')).some((other) => other.function === item.key);
        return [item.key, { key: item.key, handler: item.handler, timeoutSeconds: item.timeoutSeconds ?? (consumes ? 55 : 25) }];
      }),
    ),
    surfaces: new Map(
      Object.entries(modules).flatMap(([type, items]) =>
        items
          .filter((item) => item.resource)
          .map((item): [string, Surface] => {
            const title = translate(item.title);
            return [
              item.key,
              {
                key: item.key,
                type,
                resource: item.resource,
                unlicensedAccess: item.unlicensedAccess ?? [],
                ...(item.resolver?.function && { resolver: item.resolver.function }),
                ...(title && { title }),
              },
            ];
          }),
      ),
    ),
    triggers: of('trigger').map((item) => ({
      key: item.key,
      function: item.function,
      events: item.events,
      ignoreSelf: item.filter?.ignoreSelf ?? false,
    })),
    schedules: of('scheduledTrigger').map((item) => ({ key: item.key, function: item.function, every: INTERVALS[item.interval] ?? 60 * MINUTE })),
    consumers: new Map(of('consumer').map((item) => [item.queue, item.function])),
    preUninstall: of('preUninstall').map((item) => item.function),
    globalPermissions: of('jira:globalPermission').map((item) => item.key),
    scopes: new Set(Array.isArray(raw.permissions?.scopes) ? raw.permissions.scopes : Object.keys(raw.permissions?.scopes ?? {})),
    egress: (raw.permissions?.external?.fetch?.backend ?? []).map((item: Raw) => (typeof item === 'string' ? item : (item.address ?? item.remote))),
    remotes: new Map(
      (raw.remotes ?? []).map((item: Raw) => [item.key, { key: item.key, baseUrl: typeof item.baseUrl === 'string' ? item.baseUrl : item.baseUrl.default }]),
    ),
    resources: new Map(
      (raw.resources ?? []).map((item: Raw) => [item.key, { key: item.key, path: item.path, entry: new Map(Object.entries(item.entry ?? {})) }]),
    ),
    permissions: raw.permissions ?? {},
    translate,
  };
}

function readEntity(raw: Raw): Entity {
  const indexes: Index[] = (raw.indexes ?? []).map((index: Raw) =>
    typeof index === 'string'
      ? { name: index, partition: [], range: index }
      : { name: index.name, partition: index.partition ?? [], ...(index.range && { range: index.range[0] }) },
  );
  // Every entity has this one, whether it says so or not.
  indexes.push({ name: 'by-key', partition: [] });
  return {
    name: raw.name,
    attributes: new Map(Object.entries<Raw>(raw.attributes).map(([name, { type }]) => [name, type])),
    indexes: new Map(indexes.map((index) => [index.name, index])),
  };
}

function lookUp(texts: Raw, key: string): string | undefined {
  if (typeof texts[key] === 'string') return texts[key];
  const found = key.split('.').reduce((at: Raw, part) => at?.[part], texts);
  return typeof found === 'string' ? found : undefined;
}
