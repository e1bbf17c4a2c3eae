/** Somebody's initials in their colour, with what is known of whether they are there. */
import { initialsOf, toneOf } from '../words/names.ts';

export type Standing = 'available' | 'busy' | 'discreet' | 'away' | 'unknown';

interface FaceProps {
  readonly address: string;
  readonly standing?: Standing | undefined;
  readonly isLarge?: boolean;
}

export function Face({ address, standing, isLarge = false }: FaceProps) {
  return (
    <span class={`face tone-${toneOf(address)}${isLarge ? ' face-large' : ''}`} aria-hidden="true">
      {initialsOf(address)}
      {standing !== undefined && standing !== 'unknown' && <span class={`standing standing-${standing}`} />}
    </span>
  );
}
