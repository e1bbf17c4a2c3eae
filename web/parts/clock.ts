/** The time of now for what shows times, fresh every half minute. */
import { signal } from '@preact/signals';

const everyMs = 30_000;

export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, everyMs);
