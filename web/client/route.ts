/** Which place of the page is shown: the part of the address behind `#`, so that back, forward and links work. */
import { signal } from '@preact/signals';

export type Route =
  | { readonly place: 'home' | 'inbox' | 'sent' | 'privacy' | 'settings' }
  | { readonly place: 'with'; readonly peer: string };

export const route = signal<Route>(readRoute(location.hash));

window.addEventListener('hashchange', () => {
  route.value = readRoute(location.hash);
});

export function hrefOf(to: Route): string {
  if (to.place === 'with') return `#/with/${encodeURIComponent(to.peer)}`;
  return to.place === 'home' ? '#/' : `#/${to.place}`;
}

export function go(to: Route): void {
  location.hash = hrefOf(to);
}

function readRoute(hash: string): Route {
  const [place, rest = ''] = hash.replace(/^#\/?/, '').split(/\/(.*)/);
  switch (place) {
    case 'with': {
      const peer = decoded(rest);
      return peer === '' ? { place: 'home' } : { place, peer };
    }
    case 'inbox':
    case 'sent':
    case 'privacy':
    case 'settings':
      return { place };
    case undefined:
    default:
      return { place: 'home' };
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text).toLowerCase();
  } catch {
    return '';
  }
}
