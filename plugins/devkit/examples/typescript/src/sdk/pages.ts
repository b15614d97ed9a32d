// Lists that a platform gives in pages, read to their ends. What is read is whole, or there is an error:
//
//  - If the answers say how many items there are, so many different ones have to come, and the number has to stand still.
//  - If they do not, the last page has to say that it is the last, or what follows it has to be empty.
//  - An empty page that says where the next one is, or that more follow, is not the end; a hundred of them in a row are an error.
//  - A page that brings nothing new, a cursor that comes again and an item that comes twice show that the list changes while it is read,
//    or that the platform takes no notice of the paging. Then the list is read again, three times at most.
//  - Page numbers shift when an item is deleted, and no number proves that none was missed: so a list of several pages is read until two
//    readings in a row have the same items. Offsets shift too, but there each page is asked for with the last item of the page before, which
//    shows it at no cost. Cursors and links are taken to stand still.
//
// So prefer a cursor, a link or an offset to a page number, where a platform has several.

import { Failure } from "./failure.js";
import { kindOf } from "./json.js";
import type { Answer, Request, Session } from "./webapi.js";

/** A list, with what it takes to read it. */
export interface List<T> {
  /**
   * The request for the page at a place: its number, its offset, or its cursor, which is "" for the first. A list by links is asked for with ""
   * only.
   */
  ask(at: string): Request;
  /** Reads an answer. It throws if the answer lacks what each has: an absent member must not look like an end. See members. */
  read(answer: Answer): Page<T>;
  /** Tells items apart: their identifier on the platform. It must not be what people may use twice, such as a SKU. */
  key(item: T): string;
  /** How many items are asked for in a page, if that is said. */
  size?: number;
}

/** One page of a list. What the answer does not say is undefined. */
export interface Page<T> {
  items: T[];
  /** How many items the list has in all. */
  total?: number;
  /** How many pages it has. */
  pages?: number;
  /** Whether pages follow. */
  more?: boolean;
  /** The next page's cursor, or its address; undefined in the last page. */
  next?: string;
  /** Where next was looked for, as messages name it, if the answer has nothing there, not even null. An error that it explains says so. */
  lacks?: string;
}

/**
 * The names of an answer's members, and of those of its items. A name with points leads into objects: "meta.pagination.next", unless the answer has a
 * member that is called so.
 */
export interface Members<T> {
  items: string;
  total?: string;
  /** The cursor or the address of the next page. */
  next?: string;
  /** Members that each item has, though they may be null. An item without one is no item, but an answer that is broken. */
  each: (keyof T & string)[];
}

/**
 * Returns a function for List.read that takes a page from members of the answer. One without its items, or a total that it should have, is
 * broken. Without next, or with null or "" there, it is the last page; where there is no total to prove that, next has to be there.
 */
export function members<T extends object>(names: Members<T>): (answer: Answer) => Page<T> {
  return (answer) => {
    const object = answer.object(), items = memberAt(object, names.items), page: Page<T> = { items: itemsOf<T>(items, names.items, names.each) };
    if (names.total !== undefined) {
      const total = memberAt(object, names.total);
      if (!Number.isSafeInteger(total) || (total as number) < 0) {
        throw new Error(`"${names.total}" is ${kindOf(total)}, where the number of all items is expected`);
      }
      page.total = total as number;
    }
    if (names.next !== undefined) {
      const next = memberAt(object, names.next);
      if (!["string", "number"].includes(typeof next) && next !== null && !(next === undefined && names.total !== undefined)) {
        throw new Error(`"${names.next}" is ${kindOf(next)}, where it is to be said whether a page follows`);
      }
      page.next = next === null || next === undefined || next === "" ? undefined : String(next);
      if (next === undefined) {
        page.lacks = `"${names.next}"`;
      }
    }
    return page;
  };
}

/** The member of that name, or the one that a name with points leads to; undefined where there is none. */
function memberAt(object: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(object, name)) {
    return object[name];
  }
  const point = name.indexOf("."), within = point < 0 ? undefined : memberAt(object, name.slice(0, point));
  return typeof within === "object" && within !== null && !Array.isArray(within) ? memberAt(within as Record<string, unknown>, name.slice(point + 1)) : undefined;
}

function itemsOf<T extends object>(items: unknown, name: string, each: (keyof T & string)[]): T[] {
  if (!Array.isArray(items)) {
    throw new Error(`"${name}" is ${kindOf(items)}, where a list is expected`);
  }
  for (const [i, item] of items.entries()) {
    if (typeof item !== "object" || item === null) {
      throw new Error(`item ${i + 1} of "${name}" is ${kindOf(item)}, where an object is expected`);
    }
    const lacks = each.filter((member) => (item as T)[member] === undefined);
    if (lacks.length > 0) {
      throw new Error(`item ${i + 1} of "${name}" has no ${lacks.map((member) => `"${member}"`).join(", ")}`);
    }
  }
  return items as T[];
}

/** The address of the next page, as an answer's header Link tells it (rel="next"); undefined if there is none. */
export function nextLink(answer: Answer): string | undefined {
  for (const [, target, parameters] of (answer.headers.get("link") ?? "").matchAll(/<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i.exec(parameters);
    if ((rel?.[1] ?? rel?.[2] ?? "").toLowerCase().split(/\s+/).includes("next")) {
      return URL.canParse(target, answer.url.href) ? new URL(target, answer.url.href).href : target;
    }
  }
  return undefined;
}

/** Says what shows that a reading of a list is worth nothing. */
class Irregular extends Error {}

const mostPasses = 3, mostPages = 1 << 20, mostEmpty = 100;

/** Yields the items of a list of which each answer tells the cursor of the next page. */
export function byCursor<T>(session: Session, list: List<T>): AsyncGenerator<T> {
  return each(session, list, false, (pass) => follow(session, list, pass, (at) => list.ask(at)));
}

/** Yields the items of a list of which each answer tells the address of the next page. */
export function byLink<T>(session: Session, list: List<T>): AsyncGenerator<T> {
  return each(session, list, false, (pass) => follow(session, list, pass, (at) => {
    const first = list.ask("");
    return at === "" ? first : { ...first, path: undefined, query: undefined, address: at };
  }));
}

/** Yields the items of a list by the numbers of its pages. first is that of the first page. */
export function byNumber<T>(session: Session, list: List<T>, first = 1): AsyncGenerator<T> {
  return each(session, list, true, (pass) => count(session, list, pass, first));
}

/**
 * Yields the items of a list by how many items to leave out. Each page but the first begins with the last item of the page before: if that is
 * another one, the list has shifted, and is read again.
 */
export function byOffset<T>(session: Session, list: List<T>): AsyncGenerator<T> {
  return each(session, list, false, (pass) => shift(session, list, pass));
}

/** Reads a list until a reading has nothing that speaks against it, and yields each item once. */
async function* each<T>(session: Session, list: List<T>, agree: boolean, read: (pass: Pass<T>) => AsyncGenerator<T[]>): AsyncGenerator<T> {
  const what = nameOf(list), given = new Set<string>();
  let before: Set<string> | undefined, why = "", lacks: string | undefined;
  const passes = () => mostPasses + (agree ? 1 : 0); // the last one may have to agree with another
  for (let n = 0; n < passes(); n++) {
    if (why !== "") {
      session.teller.step?.(`reading ${what} again, as ${why}`);
    }
    const pass = new Pass(list);
    try {
      for await (const page of read(pass)) {
        for (const item of page) {
          const key = list.key(item);
          if (!given.has(key)) {
            given.add(key);
            yield item;
          }
        }
      }
      pass.check();
    } catch (err) {
      if (!(err instanceof Irregular)) {
        throw err;
      }
      agree ||= pass.unproven;
      before = undefined;
      why = err.message;
      lacks = pass.lacks;
      continue;
    }
    agree ||= pass.unproven;
    if (!agree || pass.single || before !== undefined && before.size === pass.keys.size && [...pass.keys].every((key) => before!.has(key))) {
      return;
    }
    why = before === undefined ? "it may have changed meanwhile" : "no two readings in a row have the same items";
    before = pass.keys;
    lacks = pass.lacks;
  }
  throw new Error(`${what}: ${why}, in each of ${passes()} attempts; ` + (lacks === undefined ? "try again when the store is quieter"
    : `its first page has nothing at ${lacks}, where the place of the next page is looked for: see where an answer has it`));
}

/** One reading of a list. */
class Pass<T> {
  readonly keys = new Set<string>();
  pages = 0;
  total: number | undefined;
  single = false; // all of it was on one page, which said so
  unproven = false; // nothing shows that the list stood still
  lacks: string | undefined; // where the first page's next was looked for, if nothing is there
  private twice: string | undefined;

  constructor(private readonly list: List<T>) {}

  /** Takes in a page, and returns those of its items that did not come before. Of overlap items it is known that the page before had them. */
  add(page: Page<T>, overlap = 0): T[] {
    this.pages++;
    if (this.pages === 1) {
      this.total = page.total;
    } else if (page.total !== this.total) {
      throw new Irregular(page.total === undefined || this.total === undefined ? "not each of its pages says how many items there are"
        : `it had ${this.total} items, and then ${page.total}`);
    }
    const fresh = page.items.filter((item, i) => {
      const key = this.list.key(item);
      if (this.keys.has(key)) {
        this.twice = i < overlap ? this.twice : key;
        return false;
      }
      this.keys.add(key);
      return true;
    });
    if (page.items.length > overlap && fresh.length === 0) {
      throw new Irregular(`page ${this.pages} has nothing that did not come before`);
    }
    return fresh;
  }

  check(): void {
    if (this.total !== undefined && this.keys.size !== this.total) {
      throw new Irregular(`the API says there are ${this.total} entries but gave ${this.keys.size} different ones`);
    }
    if (this.total === undefined && this.twice !== undefined) {
      throw new Irregular(`item ${JSON.stringify(this.twice)} came twice`);
    }
  }
}

function nameOf<T>(list: List<T>): string {
  const first = list.ask("");
  return first.what ?? `${first.method ?? "GET"} ${(first.path ?? "").split("?")[0]}`;
}

function fetchPage<T>(session: Session, list: List<T>, request: Request, number: number): Promise<Page<T>> {
  return session.do({ ...request, what: `page ${number} of ${nameOf(list)}` }, (answer) => list.read(answer));
}

/** Reads pages one after the other, each from where the one before leads. */
async function* follow<T>(session: Session, list: List<T>, pass: Pass<T>, ask: (at: string) => Request): AsyncGenerator<T[]> {
  const been = new Set<string>([""]);
  for (let at = "", empty = 0; ; ) {
    const number = pass.pages + 1, page = await fetchPage(session, list, ask(at), number);
    yield pass.add(page);
    empty = page.items.length > 0 ? 0 : empty + 1;
    if (number === 1 && page.next === undefined) {
      pass.lacks = page.lacks;
    }
    if (page.next === undefined) {
      if (page.more) {
        throw new Irregular(`page ${number} says that more follow, but not where`);
      }
      if (number === 1 && page.more === undefined && page.total === undefined && list.size !== undefined && page.items.length >= list.size) {
        throw new Error(`${nameOf(list)}: its first page is full, and says neither how many items there are nor what follows; ask for pages of another size`);
      }
      return;
    }
    if (page.more === false) {
      return;
    }
    if (been.has(page.next)) {
      throw new Irregular(`page ${number} leads back to a page that was read before`);
    }
    if (empty > mostEmpty) {
      throw new Irregular(`${empty} pages in a row are empty`);
    }
    if (number >= mostPages) {
      throw new Error(`${nameOf(list)}: it has no end`);
    }
    been.add(at = page.next);
  }
}


/** Reads pages by their numbers. Where nobody says how many there are, two empty ones in a row are the end. */
async function* count<T>(session: Session, list: List<T>, pass: Pass<T>, first: number): AsyncGenerator<T[]> {
  const ask = (number: number) => fetchPage(session, list, list.ask(String(first + number - 1)), number);
  for (let number = 1, empty = 0, gaps = 0, pages: number | undefined; ; number++) {
    const page = await ask(number);
    if (number > 1 && page.pages !== pages) {
      throw new Irregular(`it had ${pages} pages, and then ${page.pages}`);
    }
    pages = page.pages;
    yield pass.add(page);
    if (empty > 0 && page.items.length > 0) {
      throw new Irregular(`page ${number - 1} is empty, and page ${number} is not`);
    }
    gaps = page.items.length === 0 && page.more ? gaps + 1 : 0; // pages that are not the end, as they say themselves
    empty = page.items.length > 0 || page.more ? 0 : empty + 1;
    if (gaps > mostEmpty) {
      throw new Irregular(`${gaps} pages in a row are empty`);
    }
    const over = isOver(page, pass.keys.size, number, empty);
    if (over && page.more) {
      throw new Irregular(`page ${number} is to be the last, and says that more follow`);
    }
    if (over) {
      pass.single = number === 1;
      if (number === 1 && page.total !== undefined && page.more === undefined && page.items.length > 0) {
        await behind(pass, list, ask);
      }
      return;
    }
    if (number >= mostPages) {
      throw new Error(`${nameOf(list)}: it has no end`);
    }
  }
}

/** Reads pages by how many items to leave out. Where they have more than one item, each begins with the last one of the page before. */
async function* shift<T>(session: Session, list: List<T>, pass: Pass<T>): AsyncGenerator<T[]> {
  const ask = (offset: number, number: number) => fetchPage(session, list, list.ask(String(offset)), number);
  const first = await ask(0, 1), size = first.items.length;
  yield pass.add(first);
  if (isOver(first, pass.keys.size, 1, 0)) {
    if (first.more) {
      throw new Irregular("page 1 has all items that are announced, and says that more follow");
    }
    pass.single = true;
    if (first.total !== undefined && first.more === undefined && size > 0) {
      await behind(pass, list, () => ask(size, 2));
    }
    return;
  }
  const overlap = size > 1 ? 1 : 0;
  pass.unproven = overlap === 0; // such pages cannot overlap
  let last = size > 0 ? list.key(first.items[size - 1]) : "", empty = size === 0 ? 1 : 0;
  for (let offset = size - overlap, number = 2; ; number++) {
    const page = await ask(offset, number), { items } = page;
    if (overlap > 0 && (items.length === 0 || list.key(items[0]) !== last)) {
      throw new Irregular(`page ${number} does not begin with the last item of the page before`);
    }
    if (overlap === 0 && empty > 0 && items.length > 0) {
      throw new Irregular(`page ${number - 1} is empty, and page ${number} is not`);
    }
    yield pass.add(page, overlap);
    empty = items.length > 0 ? 0 : empty + 1;
    const over = isOver(page, pass.keys.size, number, empty) || page.more === undefined && overlap > 0 && items.length === overlap;
    if (over && page.more) {
      throw new Irregular(`page ${number} is to be the last, and says that more follow`);
    }
    if (over) {
      return; // where it is only the last item once more, nothing follows it
    }
    if (number >= mostPages) {
      throw new Error(`${nameOf(list)}: it has no end`);
    }
    if (items.length > 0) {
      last = list.key(items[items.length - 1]);
    } else {
      offset++;
    }
    if (page.more && items.length <= overlap) {
      throw new Irregular(`page ${number} has nothing new, and says that more follow`);
    }
    offset += Math.max(items.length - overlap, 0);
  }
}

/** Whether no page follows one, with which so many items are known. */
function isOver<T>(page: Page<T>, known: number, number: number, empty: number): boolean {
  if (page.total !== undefined) {
    if (page.items.length === 0 && known < page.total) {
      throw new Irregular(`page ${number} is empty, though ${page.total} items are announced and ${known} came`);
    }
    return known >= page.total;
  }
  return page.more === false || page.pages !== undefined && number >= page.pages || page.more === undefined && page.pages === undefined && empty > 1;
}

/** Makes sure that nothing follows a first page that has all that it announces: that may be its own number and not the list's. */
async function behind<T>(pass: Pass<T>, list: List<T>, ask: (number: number) => Promise<Page<T>>): Promise<void> {
  let next: Page<T>;
  try {
    next = await ask(2);
  } catch (err) {
    if (err instanceof Failure && [400, 404, 422].includes(err.status)) {
      return; // a platform that has no such page may say so
    }
    throw err;
  }
  if (next.items.some((item) => !pass.keys.has(list.key(item)))) { // some platforms give their last page once more
    throw new Irregular(`page 1 announces the ${pass.keys.size} entries that it has, and page 2 has more`);
  }
}
