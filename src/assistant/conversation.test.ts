import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import { Conversation, Conversations, conversationMs, conversationsMax, numbersMax } from './conversation.ts';

const person = (number: number): Address => `p${number}@localhost` as Address;

describe('numbers', () => {
  it('stay with their message until a new list begins, and end at a limit', () => {
    const conversation = new Conversation();
    const { received, sent } = conversation;
    expect([conversation.numberOf(received, 'a'), conversation.numberOf(received, 'b')]).toEqual([1, 2]);
    expect([conversation.numberOf(received, 'a'), conversation.numberOf(sent, 'b')]).toEqual([1, 1]);
    for (let number = 3; number <= numbersMax; number += 1) conversation.numberOf(received, `m${number}`);
    expect([conversation.numberOf(received, 'one more'), received.length]).toEqual([undefined, numbersMax]);
    expect(conversation.numberOf(received, `m${numbersMax}`)).toBe(numbersMax);
    conversation.begin(received);
    expect(conversation.numberOf(received, 'b')).toBe(1);
    expect(sent).toEqual(['b']);
  });
});

describe('conversations', () => {
  it('are remembered until they were silent too long', () => {
    const conversations = new Conversations();
    const first = conversations.of(person(1), 0);
    expect(conversations.of(person(1), conversationMs - 1)).toBe(first);
    expect(conversations.of(person(1), 2 * conversationMs - 2)).toBe(first);
    expect(conversations.of(person(1), 3 * conversationMs - 2)).not.toBe(first);
  });

  it('and until there are too many: the one that was silent longest goes', () => {
    const conversations = new Conversations();
    const all = Array.from({ length: conversationsMax }, (_, number) => conversations.of(person(number), number));
    expect(conversations.of(person(0), conversationsMax)).toBe(all[0]);
    conversations.of(person(conversationsMax), conversationsMax);
    expect(conversations.of(person(0), conversationsMax)).toBe(all[0]);
    expect(conversations.of(person(1), conversationsMax)).not.toBe(all[1]);
  });

  it('and not for whoever has the name next', () => {
    const conversations = new Conversations();
    const first = conversations.of(person(1), 0);
    conversations.forget(person(1));
    expect(conversations.of(person(1), 0)).not.toBe(first);
  });
});
