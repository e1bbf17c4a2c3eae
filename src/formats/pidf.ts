/** Presence documents (PIDF with data model and RPID), both ways: the door to the folder `pidf`. */
export { formatPidf } from './pidf/format-pidf.ts';
export { parsePidf, readPidfAt } from './pidf/parse-pidf.ts';

import { xmlLimits } from './xml-reader.ts';

/** Of one document. */
export const pidfBytesMax = xmlLimits.bytesMax;

export const pidfContentType = 'application/pidf+xml';
