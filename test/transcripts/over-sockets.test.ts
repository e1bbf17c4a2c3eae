import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPart, readPlays } from './play-files.ts';
import { playTranscript } from './play-transcript.ts';
import { openSocketHost, serverProgram } from './socket-host.ts';
import { shortestMs } from './transcript.ts';

/** Longer plays are given in memory only, where time costs nothing. */
const longestMs = 3000;
const playMaxMs = 30_000;
const short = readPlays().filter((play) => shortestMs(play) <= longestMs);

describe.concurrent('plays over sockets', () => {
  it.skipIf(!existsSync(serverProgram)).each(short.map((play) => [play.path, play.title, play] as const))(
    '%s: %s',
    async (_path, _title, play) => {
      await expect(playTranscript(play, openSocketHost, findPart)).resolves.toBeUndefined();
    },
    playMaxMs,
  );
});
