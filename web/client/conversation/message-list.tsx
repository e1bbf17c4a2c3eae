/** The messages of a conversation: a window that moves with the scrolling, and stays at the end while one is there. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MessageRecord } from '../../history/records.ts';
import { now } from '../../parts/clock.ts';
import { Icon } from '../../parts/icon.tsx';
import { nameOf } from '../../words/names.ts';
import { dayLine, isSameDay } from '../../words/times.ts';
import { MessageWindow } from '../state/message-window.ts';
import type { Person } from '../state/person.ts';
import { MessageRow } from './message-row.tsx';

/** So near to an end the next page is read. */
const nearPx = 600;
/** So near to the end one is at the end. */
const atEndPx = 60;
/** Messages of one writer within this time stand close together. */
const closeMs = 5 * 60_000;

interface MessageListProps {
  readonly person: Person;
  readonly peer: string;
}

export function MessageList({ person, peer }: MessageListProps) {
  const part = useMemo(() => new MessageWindow(person.history, peer), [person, peer]);
  const list = useRef<HTMLDivElement>(null);
  const { onScroll, isAtEnd } = useScroll(list, part);
  const change = person.changes.value.get(peer) ?? 0;
  useEffect(() => void part.newest(), [part]);
  useEffect(() => {
    if (change > 0) void part.refresh();
  }, [part, change]);
  useSeen(person, peer, change);
  const items = part.items.value;
  return (
    <div class="message-pane">
      <div ref={list} class="messages" tabIndex={0} role="group" aria-label="Messages" onScroll={onScroll}>
        {part.isLoaded.value && items.length === 0 && <EmptyConversation peer={peer} />}
        <ol>
          {items.map((message, at) => (
            <Entry key={message.key} person={person} message={message} before={items[at - 1]} />
          ))}
        </ol>
      </div>
      <NewestSpoken items={items} />
      {(part.hasNewer.value || !isAtEnd) && items.length > 0 && (
        <button
          type="button"
          class="to-end"
          onClick={() => {
            void part.newest().then(() => requestAnimationFrame(() => list.current?.scrollTo({ top: 1e9 })));
          }}
        >
          <Icon name="back" /> Newest
        </button>
      )}
    </div>
  );
}

interface EntryProps {
  readonly person: Person;
  readonly message: MessageRecord;
  readonly before: MessageRecord | undefined;
}

function Entry({ person, message, before }: EntryProps) {
  const at = placeTime(message);
  const isNewDay = before === undefined || !isSameDay(placeTime(before), at);
  const isClose = !isNewDay && before.direction === message.direction && at - placeTime(before) < closeMs;
  return (
    <>
      {isNewDay && (
        <li class="day-line">
          <span>{dayLine(at, now.value)}</span>
        </li>
      )}
      <MessageRow person={person} message={message} isClose={isClose} />
    </>
  );
}

function EmptyConversation({ peer }: { readonly peer: string }) {
  return (
    <p class="empty">
      Nothing yet. Write to {nameOf(peer)} and choose when it should arrive: at once, or when the moment is right.
    </p>
  );
}

/** A screen reader hears what comes, and nothing of what is only scrolled in. */
function NewestSpoken({ items }: { readonly items: readonly MessageRecord[] }) {
  const [since] = useState(() => Date.now());
  const last = items.findLast(({ direction }) => direction === 'in');
  const isNew = last?.direction === 'in' && last.receivedAt > since;
  return (
    <p class="visually-hidden" role="status">
      {isNew ? `${nameOf(last.peer)}: ${last.text ?? 'a message that is no text'}` : ''}
    </p>
  );
}

/** The place in the conversation is when a message came here, not when it was written. */
function placeTime(message: MessageRecord): number {
  return message.direction === 'in' ? message.receivedAt : message.at;
}

/** Keeps in place what is looked at while pages come and go above and below it. */
function useScroll(list: { readonly current: HTMLDivElement | null }, part: MessageWindow) {
  const [isAtEnd, setAtEnd] = useState(true);
  const anchor = useRef<{ key: string; top: number } | undefined>(undefined);
  const items = part.items.value;
  const noteAnchor = (box: HTMLDivElement): void => {
    const row = [...box.querySelectorAll<HTMLElement>('[data-key]')].find(
      (each) => each.offsetTop + each.offsetHeight > box.scrollTop,
    );
    anchor.current = row && { key: row.dataset['key'] ?? '', top: row.offsetTop - box.scrollTop };
  };
  useLayoutEffect(() => {
    const box = list.current;
    if (box === null) return;
    if (isAtEnd && !part.hasNewer.value) {
      box.scrollTop = box.scrollHeight;
      return;
    }
    const { key, top } = anchor.current ?? { key: '', top: 0 };
    const row = box.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (row !== null) box.scrollTop = row.offsetTop - top;
  }, [items]);
  const onScroll = (): void => {
    const box = list.current;
    if (box === null) return;
    const below = box.scrollHeight - box.clientHeight - box.scrollTop;
    setAtEnd(below < atEndPx && !part.hasNewer.value);
    noteAnchor(box);
    if (box.scrollTop < nearPx && part.hasOlder.value) void part.older();
    if (below < nearPx && part.hasNewer.value) void part.newer();
  };
  useKeepEnd(list, isAtEnd);
  return { onScroll, isAtEnd };
}

/** The composer grows, the keyboard of a phone comes: the end stays in sight. */
function useKeepEnd(list: { readonly current: HTMLDivElement | null }, isAtEnd: boolean): void {
  useEffect(() => {
    const box = list.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (isAtEnd) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [isAtEnd]);
}

/** What is in sight is seen. */
function useSeen(person: Person, peer: string, change: number): void {
  useEffect(() => {
    const see = (): void => {
      if (document.visibilityState === 'visible') void person.markSeen(peer);
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => document.removeEventListener('visibilitychange', see);
  }, [person, peer, change]);
}
