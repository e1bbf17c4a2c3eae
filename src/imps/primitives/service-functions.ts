/**
 * The tree of functions that service negotiation is about, as a list of its leaves in the order of the DTD. An empty branch
 * stands for all below it; MF, MP, MM and MG for what is mandatory there, which is taken as all.
 */
import { type CspElement, leaf, node } from '../csp-element.ts';
import type { CspVersion } from '../csp-version.ts';
import type { Shape } from '../shapes/shape.ts';
import { tokenTables } from '../wbxml/token-tables.ts';

/** Leaves by branch, in the order of the DTD. */
type Branches = ReadonlyMap<string, readonly string[]>;

const tree: ReadonlyMap<string, Branches> = treeOf({
  FundamentalFeat: { ServiceFunc: 'GETSPI', SearchFunc: 'SRCH STSRC', InviteFunc: 'INVIT CAINV', VerifyIDFunc: 'VRID' },
  PresenceFeat: {
    ContListFunc: 'GCLI CCLI DCLI MCLS',
    PresenceAuthFunc: 'GETWL REACT CAAUT GETAUT',
    PresenceDeliverFunc: 'GETPR UPDPR',
    AttListFunc: 'CALI DALI GALS',
  },
  IMFeat: {
    IMSendFunc: 'MDELIV FWMSG',
    IMReceiveFunc: 'SETD GETLM GETM REJCM NOTIF NEWM',
    IMAuthFunc: 'GLBLU BLENT',
  },
  GroupFeat: {
    GroupMgmtFunc: 'CREAG DELGR GETGP SETGP',
    GroupUseFunc: 'SUBGCN GRCHN GETJU',
    GroupAuthFunc: 'GETGM ADDGM RMVGM MBRAC REJEC',
  },
});

/** A feature may be named by its mandatory part. */
const mandatoryParts: ReadonlySet<string> = new Set(['MF', 'MP', 'MM', 'MG']);

const allFunctions: readonly string[] = [...tree.values()].flatMap((branches) => [...branches.values()].flat());
const known: ReadonlySet<string> = new Set(allFunctions);

/** Every function that the version has a word for. */
export function serviceFunctionsOf(version: CspVersion): readonly string[] {
  return allFunctions.filter((name) => isServiceFunction(name, version));
}

const root = 'WVCSPFeat';

/** An element that holds a WVCSPFeat. What nobody knows, in this version, goes by its place, so that it can be said in it that it is not there. */
export const functions: Shape<readonly string[]> = {
  read(element, version) {
    const feature = element.name === root ? element : element.children.find(({ name }) => name === root);
    if (feature === undefined) return undefined;
    if (feature.children.length === 0) return serviceFunctionsOf(version);
    const named = new Set(feature.children.flatMap((child) => readFeature(child, version)));
    const found = allFunctions.filter((name) => named.has(name));
    return [...found, ...[...named].filter((name) => !known.has(name))];
  },
  write(name, value, version) {
    const features = writeFeatures(new Set(value), version);
    // An empty root would stand for everything.
    return node(name, features.length === 0 ? [] : [node(root, features)]);
  },
};

function readFeature(feature: CspElement, version: CspVersion): readonly string[] {
  const branches = tree.get(feature.name);
  const isKnownWhole = feature.children.length === 0 || feature.children.some(({ name }) => mandatoryParts.has(name));
  const spoken = (leaves: readonly string[]): string[] => leaves.filter((name) => isServiceFunction(name, version));
  if (branches !== undefined && isKnownWhole) return [...branches.values()].flatMap(spoken);
  if (feature.children.length === 0) return [placeOf(feature)];
  return feature.children.flatMap((branch) => {
    const whole = spoken(branches?.get(branch.name) ?? []);
    if (branch.children.length === 0) return whole.length > 0 ? whole : [placeOf(feature, branch)];
    return branch.children.map((named) =>
      known.has(named.name) && isServiceFunction(named.name, version) ? named.name : placeOf(feature, branch, named),
    );
  });
}

function placeOf(...path: readonly CspElement[]): string {
  return path.map(({ name }) => name).join(placeSign);
}

/** No name holds one. */
const placeSign = '/';

/** Without what the version has no word for; what nobody knows stands behind the rest. */
function writeFeatures(named: ReadonlySet<string>, version: CspVersion): CspElement[] {
  const places: Places = new Map();
  for (const [feature, branches] of tree) {
    for (const [branch, leaves] of branches) {
      if (!isServiceFunction(branch, version)) continue;
      for (const name of leaves) {
        if (named.has(name) && isServiceFunction(name, version)) addPlace(places, [feature, branch, name]);
      }
    }
  }
  for (const name of named) if (!known.has(name)) addPlace(places, name.split(placeSign));
  return elementsOf(places);
}

interface Places extends Map<string, Places> {}

function addPlace(places: Places, [first, ...rest]: readonly string[]): void {
  if (first === undefined) return;
  const inside: Places = places.get(first) ?? new Map();
  places.set(first, inside);
  addPlace(inside, rest);
}

function elementsOf(places: Places): CspElement[] {
  return [...places].map(([name, inside]) => (inside.size === 0 ? leaf(name) : node(name, elementsOf(inside))));
}

/** Whether the version has a word for it. */
export function isServiceFunction(name: string, version: CspVersion): boolean {
  return tokenTables(version).tagToken(name) !== undefined;
}

function treeOf(rows: Readonly<Record<string, Readonly<Record<string, string>>>>): ReadonlyMap<string, Branches> {
  return new Map(
    Object.entries(rows).map(([feature, branches]) => [
      feature,
      new Map(Object.entries(branches).map(([branch, leaves]) => [branch, leaves.split(' ')])),
    ]),
  );
}
