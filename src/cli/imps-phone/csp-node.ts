/** A CSP document as a tree, how tests write one in a line, and how they look into one. */

export interface CspNode {
  readonly name: string;
  readonly children: readonly CspNode[];
  /** Of a leaf; empty where there are children. */
  readonly text: string;
  readonly xmlns?: string;
}

export type NodeContent = CspNode | string | number | undefined | readonly CspNode[];

/** `node('Code', 200)`, `node('Result', node('Code', 200))`; what is undefined is left out. */
export function node(name: string, ...content: readonly NodeContent[]): CspNode {
  const children: CspNode[] = [];
  let text = '';
  for (const each of content) {
    if (each === undefined) continue;
    if (typeof each === 'object') children.push(...('name' in each ? [each] : each));
    else text += String(each);
  }
  return { name, children, text };
}

export function withNamespace(xmlns: string, { name, children, text }: CspNode): CspNode {
  return { name, children, text, xmlns };
}

/** Every node that a path of names leads to, such as `MessageInfo/Sender/User/UserID`. */
export function findAll(from: CspNode, path: string): CspNode[] {
  let found: CspNode[] = [from];
  for (const name of path.split('/'))
    found = found.flatMap(({ children }) => children.filter((child) => child.name === name));
  return found;
}

export function find(from: CspNode, path: string): CspNode | undefined {
  return findAll(from, path)[0];
}

/** Empty where nothing is. */
export function textAt(from: CspNode, path: string): string {
  return find(from, path)?.text ?? '';
}

export function numberAt(from: CspNode, path: string): number {
  const text = textAt(from, path);
  return text === '' ? Number.NaN : Number(text);
}

/** Names and texts only, so that two ways of writing one document can be compared. */
export function outline({ name, children, text }: CspNode): string {
  return children.length === 0 ? `${name}=${text}` : `${name}(${children.map(outline).join(',')})`;
}
