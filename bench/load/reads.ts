/** @file Reads from a server under test: what is not 200 is a fault of the server. */

export function readText(url: string): Promise<string> {
  return read(url, (response) => response.text());
}

export async function readJson<T>(url: string): Promise<T> {
  return JSON.parse(await readText(url)) as T;
}

export async function readBytes(url: string): Promise<Uint8Array> {
  return new Uint8Array(await read(url, (response) => response.arrayBuffer()));
}

/** A server may close an idle connection in the moment that it is used: a read that broke is tried once more. */
async function read<T>(url: string, body: (response: Response) => Promise<T>): Promise<T> {
  const once = async () => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
    return body(response);
  };
  return once().catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error; // what fetch throws for a connection that broke
    return once();
  });
}

/** Does something for each, several at a time. */
export async function forEachOf<T>(
  items: Iterable<T>,
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}
