/** Dates of the CSP: ISO 8601 in basic or extended form, with military zone letters or offsets, to milliseconds and back. */

const notation =
  /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?(?:([A-IK-Z])|([+-])(\d\d?)(?::?(\d\d))?)?$/i;

/** Without a zone it is UTC; undefined for what is no date. */
export function parseCspDate(text: string): number | undefined {
  const found = notation.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  // Years of two digits are others to the platform.
  if (year < 100 || hour > 23 || minute > 59 || second > 60) return undefined;
  const [, , , , , , , letter, sign, hours, minutes] = found;
  const offsetMinutes = letter === undefined ? offsetOf(sign, hours, minutes) : zoneHours(letter) * 60;
  const midnight = Date.UTC(year, month - 1, day);
  const isThatDay = new Date(midnight).getUTCMonth() === month - 1 && day > 0;
  return isThatDay ? midnight + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 : undefined;
}

/** In UTC and whole seconds: `20260925T134013Z`. */
export function formatCspDate(millis: number): string {
  return `${new Date(millis).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function offsetOf(sign: string | undefined, hours = '0', minutes = '0'): number {
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -offset : offset;
}

/** A to M without J are +1 to +12, N to Y are -1 to -12. */
function zoneHours(letter: string): number {
  const upper = letter.toUpperCase();
  if (upper === 'Z') return 0;
  const east = 'ABCDEFGHIKLM'.indexOf(upper);
  return east >= 0 ? east + 1 : -('NOPQRSTUVWXY'.indexOf(upper) + 1);
}
