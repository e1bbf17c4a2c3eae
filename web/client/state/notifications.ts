/** The browser's own notifications, when this person wants them and no tab of theirs is in sight. */
import { signal } from '@preact/signals';
import { nameOf } from '../../words/names.ts';
import { shorten } from '../../words/sentences.ts';
import { hrefOf } from '../route.ts';

const key = 'restante.notifications';
const previewLengthMax = 120;

export type NotificationWish = 'on' | 'off' | 'denied' | 'unsupported';

export const notificationWish = signal<NotificationWish>(readWish());

export async function wantNotifications(isWanted: boolean): Promise<void> {
  if (notificationWish.value === 'unsupported') return;
  if (isWanted && (await Notification.requestPermission()) !== 'granted') {
    notificationWish.value = 'denied';
    return;
  }
  try {
    localStorage.setItem(key, isWanted ? 'on' : 'off');
  } catch {
    // It holds for this tab.
  }
  notificationWish.value = isWanted ? 'on' : 'off';
  if (isWanted) await navigator.serviceWorker.register('/sw.js').catch(() => undefined);
}

export async function showNotification(from: string, text: string): Promise<void> {
  if (notificationWish.value !== 'on') return;
  const options = { body: shorten(text, previewLengthMax), tag: from, icon: '/favicon.svg' };
  const data = hrefOf({ place: 'with', peer: from });
  const worker = await navigator.serviceWorker.getRegistration().catch(() => undefined);
  if (worker !== undefined) {
    await worker.showNotification(nameOf(from), { ...options, data }).catch(() => undefined);
    return;
  }
  try {
    const shown = new Notification(nameOf(from), options);
    shown.addEventListener('click', () => {
      window.focus();
      location.hash = data;
      shown.close();
    });
  } catch {
    // Phones show them through a worker alone.
  }
}

function readWish(): NotificationWish {
  if (!('Notification' in window) || !('serviceWorker' in navigator)) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  try {
    return localStorage.getItem(key) === 'on' && Notification.permission === 'granted' ? 'on' : 'off';
  } catch {
    return 'off';
  }
}
