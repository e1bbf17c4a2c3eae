/** Short words about what just happened; they go away by themselves, and a screen reader says them. */
import { signal } from '@preact/signals';

interface Notice {
  readonly number: number;
  readonly text: string;
  readonly isBad: boolean;
}

/** Long enough to be read twice. */
const shownMs = 7000;
const noticesMax = 4;

const notices = signal<readonly Notice[]>([]);
let lastNumber = 0;

export function notify(text: string, isBad = false): void {
  if (notices.value.some((each) => each.text === text)) return;
  lastNumber += 1;
  const number = lastNumber;
  notices.value = [...notices.value, { number, text, isBad }].slice(-noticesMax);
  setTimeout(() => {
    notices.value = notices.value.filter((each) => each.number !== number);
  }, shownMs);
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ number, text, isBad }) => (
        <p key={number} class={isBad ? 'notice notice-bad' : 'notice'}>
          {text}
        </p>
      ))}
    </div>
  );
}
