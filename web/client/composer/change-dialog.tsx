/** Changes when a message that is still kept should arrive. */
import { useState } from 'preact/hooks';
import { arrivalOf, conditionOfArrival } from '../../conditions/arrival.ts';
import type { SentRecord } from '../../history/records.ts';
import { Modal } from '../../parts/modal.tsx';
import { notify } from '../../parts/notices.tsx';
import { nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import type { Person } from '../state/person.ts';
import { ArrivalPanel } from './arrival-panel.tsx';
import { useCheck } from './use-check.ts';

interface ChangeProps {
  readonly person: Person;
  readonly message: SentRecord;
  readonly onClose: () => void;
}

export function ChangeDialog({ person, message, onClose }: ChangeProps) {
  const { peer, deliverWhen } = message;
  const [arrival, setArrival] = useState(() => arrivalOf(deliverWhen));
  const [isBusy, setBusy] = useState(false);
  const condition = conditionOfArrival(arrival);
  const check = useCheck(person, peer, condition);
  const isReady = check.kind === 'none' || check.kind === 'good';
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await person.sending.amend(message, {
        deliverWhen: condition.kind === 'condition' ? condition.text : undefined,
        sentence: check.kind === 'good' ? check.sentence : undefined,
        expiresIn: arrival.validFor,
      });
      notify('Changed.');
    } catch (fault) {
      notify(`${problemWords(factsOf(fault), peer)} It stays as it was.`, true);
    }
    onClose();
  };
  return (
    <Modal title={`When should it reach ${nameOf(peer)}?`} onClose={onClose} isWide>
      <blockquote class="quoted" dir="auto">
        {message.text}
      </blockquote>
      <ArrivalPanel person={person} peer={peer} arrival={arrival} check={check} onChange={setArrival} />
      <div class="modal-acts">
        <button type="button" class="button" onClick={onClose}>
          Leave it
        </button>
        <button type="button" class="button button-main" disabled={!isReady || isBusy} onClick={() => void save()}>
          Change it
        </button>
      </div>
    </Modal>
  );
}
