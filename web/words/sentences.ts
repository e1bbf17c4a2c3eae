/** The server's sentence of a condition as this person reads it: with a name, and with times of their own clock; and short forms. */
import { nameOf } from './names.ts';
import { shortTime } from './times.ts';

/** `Wait until Mary is available or it is Mon 09:00 or later.` */
export function personalSentence(sentence: string, recipient: string, now: number): string {
  return sentence
    .replaceAll('the recipient', nameOf(recipient))
    .replaceAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC/g, (all, day: string, time: string) => {
      const at = Date.parse(`${day}T${time}Z`);
      return Number.isNaN(at) ? all : shortTime(at, now);
    });
}

/** The same of what waits already. */
export function waitingSentence(sentence: string, recipient: string, now: number): string {
  return personalSentence(sentence, recipient, now).replace(/^Wait\b/, 'Waits');
}

/** Not through the middle of a letter that takes two units, such as most emoji. */
export function shorten(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, '');
}
