// The settings of a source block: how a connector declares them, and how the host's values are checked against that.

/** What every kind of setting has. */
interface About {
  /** What it means, for people. */
  doc: string;
  /** Whether the source block must have it. */
  required?: boolean;
  /** Only prepare and apply need it, such as a token that may write: a process that is to read never gets it. */
  apply?: boolean;
}

interface Text extends About {
  /** Its value is never printed. */
  sensitive?: boolean;
  /** Names a file; relative paths are relative to the configuration's folder, which is the working directory. */
  path?: boolean;
  /** Of a connector that tells web orders: names the file with the numbers of those that were imported, to which the host adds. See orderNumbers. */
  imported?: boolean;
  /** What holds if it is left out. */
  default?: string;
  /** The allowed values; any if left out. */
  values?: readonly string[];
}

interface Attribute<V, Required extends boolean> {
  kind: "attribute";
  type: "string" | "number" | "bool" | "list(string)" | "list(number)" | "map(string)";
  whole?: boolean;
  about: About & { sensitive?: boolean; path?: boolean; imported?: boolean; default?: unknown; values?: readonly string[] };
  value?: V; // for the compiler alone
  given?: Required;
}

interface Block<S extends Declared, Required extends boolean> {
  kind: "block";
  about: About;
  settings: S;
  given?: Required;
}

/** A connector's settings, by name. */
export type Declared = { [name: string]: Attribute<unknown, boolean> | Block<any, boolean> };

type Value<D> = D extends Attribute<infer V, boolean> ? V : D extends Block<infer S, boolean> ? Values<S> : never;
type Given<D> = D extends { given?: infer G } ? (true extends G ? true : false) : false;

/** The values that a connector gets. A setting that is neither required nor has a default is undefined if left out. */
export type Values<S extends Declared> = {
  [N in keyof S]: Given<S[N]> extends true ? Value<S[N]> : Value<S[N]> | undefined;
};

type Certain<A> = A extends { apply: true } ? false : A extends { required: true } ? true : A extends { default: {} } ? true : false;

function attribute<V>() {
  return <const A extends About & { default?: V }>(type: Attribute<V, boolean>["type"], about: A, whole?: boolean) =>
    ({ kind: "attribute", type, about, whole }) as Attribute<V, Certain<A>>;
}

/** The kinds of settings. */
export const setting = {
  string: <const A extends Text>(about: A) => attribute<string>()("string", about),
  number: <const A extends About & { default?: number }>(about: A) => attribute<number>()("number", about),
  integer: <const A extends About & { default?: number }>(about: A) => attribute<number>()("number", about, true),
  bool: <const A extends About & { default?: boolean }>(about: A) => attribute<boolean>()("bool", about),
  strings: <const A extends About & { default?: string[] }>(about: A) => attribute<string[]>()("list(string)", about),
  numbers: <const A extends About & { default?: number[] }>(about: A) => attribute<number[]>()("list(number)", about),
  map: <const A extends About>(about: A) => attribute<Record<string, string>>()("map(string)", about),
  /** A nested block, given at most once. */
  block: <const A extends About, S extends Declared>(about: A, settings: S) =>
    ({ kind: "block", about, settings }) as Block<S, Certain<A>>,
};

/** A mistake in the configuration. The host shows it at the setting's place in the file. */
export class SettingError extends Error {
  /**
   * @param path the setting, nested blocks first; empty: the source block
   * @param summary what is wrong, in a line; never a value, which may be a secret
   * @param detail what to do about it
   */
  constructor(readonly path: string[], readonly summary: string, readonly detail = "") {
    super(detail === "" ? summary : `${summary}: ${detail}`);
  }
}

/** Describes settings as the protocol's message Settings. */
export function describe(declared: Declared): object {
  const attributes = [], blocks = [];
  for (const [name, d] of Object.entries(declared)) {
    const { doc, required, apply } = d.about;
    if (d.kind === "block") {
      blocks.push({ name, doc, required, settings: describe(d.settings) });
      continue;
    }
    const { sensitive, path, imported, values } = d.about;
    const otherwise = d.about.default === undefined ? "" : JSON.stringify(d.about.default);
    attributes.push({ name, type: d.type, doc, required, sensitive, path, imported, values, apply, default: otherwise });
  }
  return { attributes, blocks };
}

/** Checks the host's values and fills in defaults. Each mistake is added to errors. Settings for apply are left out unless apply is true. */
export function fill(declared: Declared, given: { [name: string]: unknown }, errors: SettingError[], apply = false, within: string[] = []): any {
  const values: { [name: string]: unknown } = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name)) {
      errors.push(new SettingError([...within, name], `Unknown setting "${name}"`));
    }
  }
  for (const [name, d] of Object.entries(declared)) {
    const path = [...within, name];
    if (d.about.apply && !apply) {
      continue;
    }
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) {
      if (d.about.required) {
        errors.push(new SettingError(path, `Setting "${name}" is missing`, d.about.doc));
      } else if (d.kind === "attribute") {
        values[name] = d.about.default;
      }
      continue;
    }
    if (d.kind === "block") {
      if (typeof value !== "object" || Array.isArray(value)) {
        errors.push(new SettingError(path, `"${name}" is a block`));
      } else {
        values[name] = fill(d.settings, value as { [name: string]: unknown }, errors, apply, path);
      }
      continue;
    }
    const wrong = mistake(d, value);
    if (wrong !== "") {
      errors.push(new SettingError(path, `Setting "${name}" ${wrong}`,
        d.about.values ? `It is one of: ${d.about.values.join(", ")}.` : ""));
    }
    values[name] = value;
  }
  return values;
}

/** Says what is wrong with a value; "" if nothing is. */
function mistake(d: Attribute<unknown, boolean>, value: unknown): string {
  const all = (test: (v: unknown) => boolean) => Array.isArray(value) && value.every(test);
  const isString = (v: unknown) => typeof v === "string";
  const isNumber = (v: unknown) => typeof v === "number";
  const fits = {
    "string": () => isString(value),
    "number": () => isNumber(value),
    "bool": () => typeof value === "boolean",
    "list(string)": () => all(isString),
    "list(number)": () => all(isNumber),
    "map(string)": () => typeof value === "object" && !Array.isArray(value) && Object.values(value!).every(isString),
  }[d.type];
  if (!fits()) {
    return `is not a ${d.type}`;
  }
  if (d.whole && !Number.isSafeInteger(value)) {
    return "is not a whole number";
  }
  if (d.about.values && !d.about.values.includes(value as string)) {
    return "has a value that it cannot have";
  }
  return "";
}
