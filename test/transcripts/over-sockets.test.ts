import { describe, expect, it } from 'vitest';
import { findPart, readPlays } from './play-files.ts';
import { playTranscript } from './play-transcript.ts';
import { openSocketHost } from './socket-host.ts';

/** One of each kind; all the others are given in memory, where a server costs no process and time costs nothing. */
const chosen = [
  'held-then-publish',
  'kept-then-login',
  'kept-then-login-tcp',
  'kept-over-restart',
  'waiting-for-a-binding-over-restart',
  'retransmission',
  'browser-keep-alive',
  'sips-contact',
].map((name) => `plays/${name}.transcript`);
const playMaxMs = 60_000;

describe('plays over sockets', () => {
  it.each(readPlays().filter(({ path }) => chosen.includes(path)))(
    '$path: $title',
    async (play) => {
      await expect(playTranscript(play, openSocketHost, findPart)).resolves.toBeUndefined();
    },
    playMaxMs,
  );
  it('plays every chosen one', () => {
    expect(readPlays().map(({ path }) => path)).toEqual(expect.arrayContaining(chosen));
  });
});
