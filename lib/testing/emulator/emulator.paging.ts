import { RpcError } from './rpc-error.js';

/** One page, with the `pagination` member of its answer. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly pagination: { readonly next_page_token?: string; readonly previous_page_token?: string };
}

/** @param size what applies when the client does not ask for less or more, up to `max` */
export interface PageSizes {
  readonly size: number;
  readonly max: number;
}

/** A token names the item beside the page, so that what is added or removed in between shifts nothing. */
interface Cursor {
  readonly after?: string;
  readonly before?: string;
}

/** Cuts the page that the query asks for. `keyOf` orders the items and has to be unique among them. */
export function pageOf<T>(
  all: Iterable<T>,
  keyOf: (item: T) => string,
  query: URLSearchParams,
  sizes: PageSizes,
): Page<T> {
  const sorted = [...all].map((item) => ({ key: keyOf(item), item })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const size = pageSize(query, sizes);
  const { after, before } = cursorOf(query);
  let start = 0;
  if (after !== undefined) start = count(sorted, ({ key }) => key <= after);
  if (before !== undefined) start = Math.max(0, count(sorted, ({ key }) => key < before) - size);
  const page = sorted.slice(start, start + size);
  const first = page.at(0);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    pagination: {
      ...(last && start + size < sorted.length && { next_page_token: toToken({ after: last.key }) }),
      ...(first && start > 0 && { previous_page_token: toToken({ before: first.key }) }),
    },
  };
}

const count = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.filter(holds).length;

function pageSize(query: URLSearchParams, { size, max }: PageSizes): number {
  const text = query.get('pagination.page_size') ?? '';
  if (text === '' || /^0+$/.test(text)) return Math.min(size, max);
  if (!/^\d{1,10}$/.test(text)) throw RpcError.invalid('pagination.page_size is not a number');
  return Math.min(Number(text), max);
}

function cursorOf(query: URLSearchParams): Cursor {
  const next = query.get('pagination.next_page_token') ?? '';
  const previous = query.get('pagination.previous_page_token') ?? '';
  if (next !== '' && previous !== '') throw RpcError.invalid('only one page token may be given');
  if (next !== '') return { after: fromToken(next, 'after') };
  return previous === '' ? {} : { before: fromToken(previous, 'before') };
}

const toToken = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function fromToken(token: string, side: keyof Cursor): string {
  try {
    const cursor = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Cursor | null;
    const key = cursor?.[side];
    if (typeof key === 'string') return key;
  } catch {
    // not one of ours: refused below
  }
  throw RpcError.invalid('the page token is not valid');
}
