/** A small chart of the last minutes: a line for each figure, its newest value beside its name. */
import { figure, roundTop, type Sample } from './rates.ts';

const width = 320;
const height = 96;
/** What the whole width stands for, at first and at most. */
const spanMsMin = 60_000;
const spanMsMax = 5 * 60_000;

interface ChartProps {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly string[];
  readonly samples: readonly Sample[];
}

export function Chart({ title, unit, lines, samples }: ChartProps) {
  const last = samples.at(-1);
  const top = roundTop(Math.max(0, ...samples.flatMap(({ values }) => lines.map((line) => values[line] ?? 0))));
  const spoken = lines.map((line) => `${line} ${figure(last?.values[line] ?? 0)} ${unit}`).join(', ');
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="quiet small">
          up to {figure(top)} {unit}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${title}, now: ${spoken}`}
        preserveAspectRatio="none"
      >
        {[0, 0.5, 1].map((part) => (
          <line key={part} class="grid" x1={0} x2={width} y1={1 + part * (height - 2)} y2={1 + part * (height - 2)} />
        ))}
        {lines.map((line, at) => (
          <polyline key={line} class={`line line-${at}`} points={pointsOf(samples, line, top)} />
        ))}
      </svg>
      <ul class="legend">
        {lines.map((line, at) => (
          <li key={line}>
            <span class={`swatch swatch-${at}`} aria-hidden="true" />
            {line} <strong>{figure(last?.values[line] ?? 0)}</strong>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function pointsOf(samples: readonly Sample[], line: string, top: number): string {
  const end = samples.at(-1)?.at ?? 0;
  const spanMs = Math.min(spanMsMax, Math.max(spanMsMin, end - (samples[0]?.at ?? end)));
  return samples
    .map(({ at, values }) => {
      const x = width - ((end - at) / spanMs) * width;
      const y = height - 1 - ((values[line] ?? 0) / top) * (height - 2);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
