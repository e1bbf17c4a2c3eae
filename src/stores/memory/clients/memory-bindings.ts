/** Bindings of the registrar in a map. */
import type { Binding, BindingChange, BindingStore } from '../../../sip/registrar/ports.ts';
import type { MemoryCalls } from '../memory-calls.ts';
import { pageOf, type MemoryState } from '../memory-state.ts';

export function memoryBindings(state: MemoryState, calls: MemoryCalls): BindingStore {
  return {
    change: (changes) =>
      calls.write('bindings.change', () => {
        for (const change of changes) applyChange(state.bindings, change);
      }),
    bindings: (after, limit) =>
      calls.read('bindings.bindings', () =>
        pageOf(state.bindings, after, limit).flatMap(([, ofOne]) =>
          pageOf(ofOne, undefined, ofOne.size).map(([, b]) => b),
        ),
      ),
  };
}

function applyChange(bindings: Map<string, Map<string, Binding>>, change: BindingChange): void {
  const { addressOfRecord, key } = change.kind === 'put' ? change.binding : change;
  const ofOne = bindings.get(addressOfRecord) ?? new Map<string, Binding>();
  const old = ofOne.get(key);
  if (change.kind === 'put') ofOne.set(key, change.binding);
  else if (change.kind === 'remove') ofOne.delete(key);
  else if (old !== undefined) {
    const { callId, cseq, expiresAt } = change;
    ofOne.set(key, { ...old, callId, cseq, expiresAt });
  }
  if (ofOne.size > 0) bindings.set(addressOfRecord, ofOne);
  else bindings.delete(addressOfRecord);
}
