// Where the client for the web takes the time from and waits, so that tests need not.

import { setTimeout as sleep } from "node:timers/promises";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits that many milliseconds. It rejects with the signal's reason where that comes first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const wall: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await sleep(ms, undefined, { signal });
    } catch (err) {
      signal?.throwIfAborted(); // with its own reason
      throw err;
    }
  },
};

/** The clock of this process. testing.ts puts one in its place that never waits. */
export const clock: Clock = { ...wall };

/** How long the host bears silence, in milliseconds, as it told; 0 if it did not. */
export const host = { readTimeout: 0 };
