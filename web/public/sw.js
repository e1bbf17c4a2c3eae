/** Shows nothing and keeps nothing: it is here so that a notification that is tapped on a phone opens the conversation. */
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(`/${event.notification.data ?? ''}`));
});

async function open(url) {
  const [page] = await self.clients.matchAll({ type: 'window' });
  if (page === undefined) return self.clients.openWindow(url);
  await page.focus();
  return page.navigate(url);
}
