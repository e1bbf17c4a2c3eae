/**
 * The namespaces and word lists of presence documents: PIDF (RFC 3863), data model (RFC 4479), RPID (RFC 4480), capabilities
 * (RFC 5196), places (RFC 4589), the OMA presence extensions, and our own elements.
 */
import { canonicalWord } from '../../model/presence-state.ts';

export const pidfNamespace = 'urn:ietf:params:xml:ns:pidf';
export const dataModelNamespace = 'urn:ietf:params:xml:ns:pidf:data-model';
export const rpidNamespace = 'urn:ietf:params:xml:ns:pidf:rpid';
export const capabilitiesNamespace = 'urn:ietf:params:xml:ns:pidf:caps';
export const placesNamespace = 'urn:ietf:params:xml:ns:location-type';
export const omaNamespace = 'urn:oma:xml:prs:pidf:oma-pres';
/** Our own: `availability`, and any other attribute under its name where no standard element can carry its value. */
export const restanteNamespace = 'urn:restante:presence';

/** The drafts of RPID that clients still write had longer names of both forms. */
export function isRpidNamespace(namespace: string): boolean {
  return namespace === rpidNamespace || namespace.startsWith(rpidNamespace) || namespace.startsWith(draftNamespace);
}

const draftNamespace = 'urn:ietf:params:xml:ns:pidf:status:rpid';

/** The first drafts had one for each element; eyeBeam, X-Lite and Asterisk still write `person` so, with a status inside. */
export function isDataModelNamespace(namespace: string): boolean {
  return namespace === dataModelNamespace || draftDataModel.has(namespace);
}

const draftDataModel = new Set(['urn:ietf:params:xml:ns:pidf:person', 'urn:ietf:params:xml:ns:pidf:device']);

/** Namespaces whose elements are read for what they mean; every other one is foreign. */
export function isForeignNamespace(namespace: string): boolean {
  return !familiar.has(namespace) && !isDataModelNamespace(namespace) && !isRpidNamespace(namespace);
}

const familiar = new Set([pidfNamespace, placesNamespace, restanteNamespace]);

/** RPID element to attribute, where the names differ. */
export const renamedElements: ReadonlyMap<string, string> = new Map([['activities', 'activity']]);

export const activityWords = wordTable(
  'appointment away breakfast busy dinner holiday in-transit looking-for-work meal meeting on-the-phone performance ' +
    'permanent-absence playing presentation shopping sleeping spectator steering travel tv vacation working worship',
);

export const moodWords = wordTable(
  'afraid amazed angry annoyed anxious ashamed bored brave calm cold confused contented cranky curious depressed ' +
    'disappointed disgusted distracted embarrassed excited flirtatious frustrated grumpy guilty happy hot humbled ' +
    'humiliated hungry hurt impressed in_awe in_love indignant interested invincible jealous lonely mean moody nervous ' +
    'neutral offended playful proud relieved remorseful restless sad sarcastic serious shocked shy sick sleepy ' +
    'stressed surprised thirsty worried',
);

export const placeWords = wordTable(
  'aircraft airport arena automobile bank bar bicycle bus bus-station cafe classroom club construction ' +
    'convention-center government hospital hotel industrial library motorcycle office outdoors parking ' +
    'place-of-worship prison public public-transport residence restaurant school shopping-area stadium store street ' +
    'theater train train-station truck underway warehouse water watercraft',
);

export const privacyWords = wordTable('audio text video');
export const sphereWords = wordTable('home work');
export const userInputWords = wordTable('active idle');
export const willingnessWords = wordTable('open closed');

/** The parts of place-is in the order of the schema, each with its words; a value is `part-word`. */
export const placeIsParts: readonly { readonly part: string; readonly words: readonly string[] }[] = [
  { part: 'audio', words: ['noisy', 'ok', 'quiet'] },
  { part: 'video', words: ['toobright', 'ok', 'dark'] },
  { part: 'text', words: ['uncomfortable', 'inappropriate', 'ok'] },
];

/** From the canonical form of each word to its spelling in the standard. */
export type WordTable = ReadonlyMap<string, string>;

function wordTable(words: string): WordTable {
  return new Map(words.split(' ').map((word) => [canonicalWord(word), word]));
}
