/** How messages come to me, notifications, light and dark, and the way out. */
import { useState } from 'preact/hooks';
import type { DeliveryMethod } from '../../api/shapes.ts';
import { Choice } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Modal } from '../../parts/modal.tsx';
import { notify } from '../../parts/notices.tsx';
import { chooseTheme, theme, type Theme } from '../../parts/theme.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import { notificationWish, wantNotifications } from '../state/notifications.ts';
import type { Person } from '../state/person.ts';
import { PlaceFrame } from './place-frame.tsx';

interface SettingsProps {
  readonly person: Person;
  readonly onSignOut: () => void;
}

export function SettingsPlace({ person, onSignOut }: SettingsProps) {
  return (
    <PlaceFrame title="Settings">
      <Delivery person={person} />
      <Notifications />
      <section class="panel stack">
        <h2>Appearance</h2>
        <Choice<Theme>
          label="Colours"
          isLabelHidden
          value={theme.value}
          options={[
            { value: 'system', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          onChange={chooseTheme}
        />
      </section>
      <section class="panel stack">
        <h2>Account</h2>
        <p>
          Signed in as <code>{person.address}</code>. What you wrote and got stays in this browser until you remove it.
        </p>
        <button type="button" class="button" onClick={() => void person.signOut().then(onSignOut)}>
          <Icon name="out" /> Sign out
        </button>
        <Erase person={person} onSignOut={onSignOut} />
      </section>
    </PlaceFrame>
  );
}

/** For a browser that others use too. */
function Erase({ person, onSignOut }: SettingsProps) {
  const [isAsking, ask] = useState(false);
  const erase = async (): Promise<void> => {
    await person.erase();
    onSignOut();
  };
  return (
    <>
      <button type="button" class="button button-bad" onClick={() => ask(true)}>
        <Icon name="trash" /> Sign out and remove everything from this browser
      </button>
      {isAsking && (
        <Modal title="Remove everything?" onClose={() => ask(false)}>
          <p>
            All conversations of <code>{person.address}</code> in this browser are removed. The server keeps none that
            were delivered, so nobody can bring them back. What still waits on the server stays there.
          </p>
          <div class="modal-acts">
            <button type="button" class="button" onClick={() => ask(false)}>
              Leave it
            </button>
            <button type="button" class="button button-bad" onClick={() => void erase()}>
              Remove everything
            </button>
          </div>
        </Modal>
      )}
    </>
  );
}

function Delivery({ person }: { readonly person: Person }) {
  const offered = person.capabilities.value?.delivery ?? ['push'];
  const choose = (method: DeliveryMethod): Promise<void> =>
    person.chooseMethod(method).catch((fault: unknown) => notify(problemWords(factsOf(fault)), true));
  const words: Readonly<Record<DeliveryMethod, string>> = {
    push: 'Bring them to me at once',
    notify: 'Tell me, and I get them',
    pull: 'I look myself',
  };
  return (
    <section class="panel stack">
      <h2>How messages come to me</h2>
      <Choice<DeliveryMethod>
        label="How messages come to me"
        isLabelHidden
        value={person.method.value}
        options={offered.map((value) => ({ value, label: words[value] }))}
        onChange={choose}
      />
      <p class="quiet small">
        This counts for this page and your other clients over HTTP. As long as another client of yours takes messages at
        once, nothing waits for the others.
      </p>
    </section>
  );
}

function Notifications() {
  const wish = notificationWish.value;
  return (
    <section class="panel stack">
      <h2>Notifications</h2>
      {wish === 'unsupported' && <p class="quiet">This browser shows none for this page.</p>}
      {wish === 'denied' && <p class="quiet">The browser was told to show none for this page.</p>}
      {(wish === 'on' || wish === 'off') && (
        <label class="check">
          <input type="checkbox" checked={wish === 'on'} onChange={() => void wantNotifications(wish === 'off')} />
          <span>Show a notification when a message comes and this page is not in sight</span>
        </label>
      )}
    </section>
  );
}
