/**
 * The tree of functions that service negotiation is about, as a list of its leaves in the order of the DTD. An empty branch
 * stands for all below it; MF, MP, MM and MG for what is mandatory there, which is taken as all.
 */
import { type CspElement, leaf, node } from '../csp-element.ts';
import type { CspVersion } from '../csp-version.ts';
import type { Shape } from '../shapes/shape.ts';
import { tokenTables } from '../wbxml/token-tables.ts';

type Tree = Readonly<Record<string, Readonly<Record<string, string>>>>;

const tree: Tree = {
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
};

/** A feature may be named by its mandatory part. */
const mandatoryParts: ReadonlySet<string> = new Set(['MF', 'MP', 'MM', 'MG']);

const allFunctions: readonly string[] = Object.values(tree)
  .flatMap((branches) => Object.values(branches))
  .flatMap((leaves) => leaves.split(' '));

/** Every function that the version has a word for. */
export function serviceFunctionsOf(version: CspVersion): readonly string[] {
  return allFunctions.filter((name) => isServiceFunction(name, version));
}

const root = 'WVCSPFeat';

/** An element that holds a WVCSPFeat. */
export const functions: Shape<readonly string[]> = {
  read(element, version) {
    const feature = element.name === root ? element : element.children.find(({ name }) => name === root);
    if (feature === undefined) return undefined;
    if (feature.children.length === 0) return serviceFunctionsOf(version);
    const named = new Set(feature.children.flatMap((child) => readFeature(child, version)));
    const found = allFunctions.filter((name) => named.has(name));
    return found.length === 0 ? undefined : found;
  },
  write(name, value, version) {
    const features = writeFeatures(new Set(value), version);
    // An empty root would stand for everything.
    return node(name, features.length === 0 ? [] : [node(root, features)]);
  },
};

function readFeature(feature: CspElement, version: CspVersion): readonly string[] {
  const branches = tree[feature.name];
  if (branches === undefined) return [];
  const isWhole = feature.children.length === 0 || feature.children.some(({ name }) => mandatoryParts.has(name));
  const spoken = (leaves: string): string[] => leaves.split(' ').filter((name) => isServiceFunction(name, version));
  if (isWhole) return Object.values(branches).flatMap(spoken);
  return feature.children.flatMap((branch) => {
    if (branch.children.length === 0) return spoken(branches[branch.name] ?? '');
    return branch.children.map(({ name }) => name);
  });
}

/** Without what the version has no word for. */
function writeFeatures(named: ReadonlySet<string>, version: CspVersion): CspElement[] {
  const features: CspElement[] = [];
  for (const [feature, branches] of Object.entries(tree)) {
    const inside: CspElement[] = [];
    for (const [branch, leaves] of Object.entries(branches)) {
      const present = leaves.split(' ').filter((name) => named.has(name) && isServiceFunction(name, version));
      if (present.length > 0 && isServiceFunction(branch, version))
        inside.push(
          node(
            branch,
            present.map((name) => leaf(name)),
          ),
        );
    }
    if (inside.length > 0) features.push(node(feature, inside));
  }
  return features;
}

/** Whether the version has a word for it. */
export function isServiceFunction(name: string, version: CspVersion): boolean {
  return tokenTables(version).tagToken(name) !== undefined;
}
