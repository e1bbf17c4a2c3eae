import { describe, expect, it } from 'vitest';
import { openMemoryHost } from './memory-host.ts';
import { findPart, readPlays } from './play-files.ts';
import { playTranscript } from './play-transcript.ts';

describe('plays in memory', () => {
  it.each(readPlays().map((play) => [play.path, play.title, play] as const))('%s: %s', async (_path, _title, play) => {
    await expect(playTranscript(play, openMemoryHost, findPart)).resolves.toBeUndefined();
  });
});
