/** Says when the server is away, and nothing while it is there. */
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import type { Person } from './state/person.ts';

/** A stream that is opened anew within this time is not worth a word. */
const patienceMs = 1500;

export function ConnectionBar({ person }: { readonly person: Person }) {
  const isOpen = person.connection.value === 'open';
  const [isShown, show] = useState(false);
  useEffect(() => {
    if (isOpen) {
      show(false);
      return undefined;
    }
    const timer = setTimeout(() => show(true), patienceMs);
    return () => clearTimeout(timer);
  }, [isOpen]);
  return (
    <div role="status" class="connection-live">
      {isShown && (
        <p class="connection-bar">
          <Icon name="refresh" /> The server is away. What you write is kept here and goes out when it is back.
        </p>
      )}
    </div>
  );
}
