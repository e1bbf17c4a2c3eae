/** Who is signed in, for all tabs and after a reload. A page that may keep nothing forgets it with the tab. */

export interface Session {
  readonly address: string;
  readonly token: string;
}

export function readSession(key: string): Session | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<Session> | null;
    return typeof kept?.address === 'string' && typeof kept.token === 'string'
      ? { address: kept.address, token: kept.token }
      : undefined;
  } catch {
    return undefined;
  }
}

export function keepSession(key: string, session: Session | undefined): void {
  try {
    if (session === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(session));
  } catch {
    // A browser that keeps nothing for pages: this tab alone is signed in.
  }
}

/** Calls back when another tab signed in or out. */
export function onSessionElsewhere(key: string, listener: () => void): void {
  window.addEventListener('storage', (event) => {
    if (event.key === key) listener();
  });
}
