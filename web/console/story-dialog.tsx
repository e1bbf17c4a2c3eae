/** One message's story as a timeline, and what an operator may do: let it go, or end it, each with a reason. */
import { useEffect, useState } from 'preact/hooks';
import type { ApiClient } from '../api/call.ts';
import type { ConditionAnswer, QueuedStory } from '../api/shapes.ts';
import { Modal } from '../parts/modal.tsx';
import { notify } from '../parts/notices.tsx';
import { factsOf, problemWords } from '../words/problem-words.ts';
import { wholeTime } from '../words/times.ts';
import { isOpen } from '../words/state-words.ts';

interface StoryProps {
  readonly api: ApiClient;
  readonly id: string;
  readonly onClose: () => void;
}

export function StoryDialog({ api, id, onClose }: StoryProps) {
  const [story, setStory] = useState<QueuedStory>();
  const [fault, setFault] = useState<string>();
  const load = (): void => {
    api
      .call<QueuedStory>('GET', `/v1/admin/messages/${encodeURIComponent(id)}`)
      .then(setStory)
      .catch((problem: unknown) =>
        setFault(
          factsOf(problem).kind === 'unknown-message' ? 'There is no such message.' : problemWords(factsOf(problem)),
        ),
      );
  };
  useEffect(load, [id]);
  return (
    <Modal title="Story of a message" onClose={onClose} isWide>
      <p class="small">
        <code>{id}</code>
      </p>
      {fault !== undefined && (
        <p class="field-fault" role="alert">
          {fault}
        </p>
      )}
      {story !== undefined && (
        <>
          <Facts api={api} story={story} />
          <ol class="timeline">
            <li>
              <strong>accepted</strong>
              <time>{wholeTime(Date.parse(story.acceptedAt))}</time>
            </li>
            {story.steps.map(({ at, what, state }, place) => (
              <li key={place} class={toneOf(state)}>
                <strong>{what}</strong>
                <time>{wholeTime(Date.parse(at))}</time>
                {state !== undefined && <span class="quiet small">{state}</span>}
              </li>
            ))}
          </ol>
          {isOpen(story.state) && (
            <Acts api={api} id={id} hasCondition={story.deliverWhen !== undefined} onDone={load} />
          )}
        </>
      )}
    </Modal>
  );
}

function Facts({ api, story }: { readonly api: ApiClient; readonly story: QueuedStory }) {
  const { from, to, state, deliverWhen, expiresAt, contentType, size, protocol, attempts, retryAt } = story;
  const [sentence, setSentence] = useState('');
  useEffect(() => {
    if (deliverWhen === undefined) return;
    api
      .call<ConditionAnswer>('POST', '/v1/conditions/check', { body: { condition: deliverWhen } })
      .then((answer) => setSentence(answer.sentence ?? ''))
      .catch(() => undefined);
  }, [deliverWhen]);
  const tries = `${attempts}${retryAt === undefined ? '' : `, next ${wholeTime(Date.parse(retryAt))}`}`;
  const rows = [
    ['State', state],
    ['From', from],
    ['To', to],
    ['Condition', deliverWhen ?? 'none'],
    ...(sentence === '' ? [] : [['In words', sentence]]),
    ['Expires', wholeTime(Date.parse(expiresAt))],
    ['Content', `${contentType}, ${size} bytes, by ${protocol}`],
    ['Tries', tries],
  ];
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ActsProps {
  readonly api: ApiClient;
  readonly id: string;
  readonly hasCondition: boolean;
  readonly onDone: () => void;
}

function Acts({ api, id, hasCondition, onDone }: ActsProps) {
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const path = `/v1/admin/messages/${encodeURIComponent(id)}`;
  const act = async (work: () => Promise<unknown>, said: string): Promise<void> => {
    setBusy(true);
    try {
      await work();
      notify(said);
    } catch (fault) {
      notify(problemWords(factsOf(fault)), true);
    }
    setBusy(false);
    onDone();
  };
  const given = reason.trim();
  return (
    <div class="stack operator-acts">
      <label class="field">
        <span>Reason, which stands in the story and in the log</span>
        <input maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <div class="modal-acts">
        <button
          type="button"
          class="button button-bad"
          disabled={given === '' || isBusy}
          onClick={() =>
            void act(
              () => api.call('DELETE', `${path}?reason=${encodeURIComponent(given)}`),
              'Ended. Its sender is told.',
            )
          }
        >
          End it as failed
        </button>
        <button
          type="button"
          class="button button-main"
          disabled={given === '' || isBusy || !hasCondition}
          onClick={() =>
            void act(
              () => api.call('POST', `${path}/release`, { body: { reason: given } }),
              'Its condition is taken away.',
            )
          }
        >
          Release it
        </button>
      </div>
    </div>
  );
}

function toneOf(state: QueuedStory['state'] | undefined): string {
  if (state === 'held' || state === 'waiting') return 'tone-waiting';
  return state === 'expired' || state === 'failed' || state === 'rejected' ? 'tone-bad' : '';
}
