/** One message. All of it is text, whatever it says. */
import type { MessageRecord, ReceivedRecord, SentRecord } from '../../history/records.ts';
import { now } from '../../parts/clock.ts';
import { Icon } from '../../parts/icon.tsx';
import { nameOf } from '../../words/names.ts';
import { clockTime, shortTime, wholeTime } from '../../words/times.ts';
import { isOpen, stateWords } from '../../words/state-words.ts';
import type { Person } from '../state/person.ts';
import { Attachment } from './attachment.tsx';
import { MessageText } from './message-text.tsx';
import { SentLine } from './sent-state.tsx';

interface MessageRowProps {
  readonly person: Person;
  readonly message: MessageRecord;
  /** It stands close below one of the same writer. */
  readonly isClose: boolean;
}

export function MessageRow({ person, message, isClose }: MessageRowProps) {
  const name = message.direction === 'in' ? nameOf(message.peer) : 'You';
  return (
    <li class={classOf(message, isClose)} data-key={message.key}>
      <article aria-label={`${name}, ${wholeTime(message.at)}`}>
        {message.direction === 'in' ? <Received message={message} /> : <Sent person={person} message={message} />}
      </article>
    </li>
  );
}

function Received({ message }: { readonly message: ReceivedRecord }) {
  const { deferred, at, receivedAt, subject, text, contentType } = message;
  return (
    <>
      <div class="bubble">
        {subject !== undefined && (
          <p class="subject" dir="auto">
            {subject}
          </p>
        )}
        {text !== undefined && <MessageText text={text} />}
        {contentType !== undefined && <Attachment message={message} />}
      </div>
      <p class="below">
        {deferred ? (
          <span class="deferred" title={`Came ${wholeTime(receivedAt)}`}>
            <Icon name="envelope" /> Waited for you, written <time>{shortTime(at, now.value)}</time>
          </span>
        ) : (
          <time>{clockTime(at)}</time>
        )}
      </p>
    </>
  );
}

function Sent({ person, message }: { readonly person: Person; readonly message: SentRecord }) {
  return (
    <>
      <div class="bubble">
        <MessageText text={message.text} />
      </div>
      <SentLine person={person} message={message} />
    </>
  );
}

function classOf(message: MessageRecord, isClose: boolean): string {
  const classes = ['message', message.direction === 'in' ? 'message-in' : 'message-out'];
  if (isClose) classes.push('message-close');
  if (message.direction === 'out') {
    classes.push(`message-${stateWords(message.state).tone}`);
    if (isOpen(message.state)) classes.push('message-open');
  }
  return classes.join(' ');
}
