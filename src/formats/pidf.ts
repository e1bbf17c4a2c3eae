/** Presence documents (PIDF with data model and RPID), both ways: the door to the folder `pidf`. */
export { formatPidf } from './pidf/format-pidf.ts';
export { parsePidf, readPidfAt } from './pidf/parse-pidf.ts';

export const pidfContentType = 'application/pidf+xml';
