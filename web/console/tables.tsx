/** Who is connected by which protocol, and which limits are near their edge. */
import type { ServerStatus } from '../api/shapes.ts';
import { duration } from '../words/times.ts';
import { figure } from './rates.ts';

/** From here on a limit deserves a look. */
const nearEdge = 0.8;

interface StatusProps {
  readonly status: ServerStatus;
}

export function Clients({ status }: StatusProps) {
  const { counts, some, whole } = status.clients;
  const now = Date.parse(status.now);
  return (
    <section class="panel" aria-labelledby="clients-heading">
      <h2 id="clients-heading">Who is connected</h2>
      <ul class="protocols">
        {Object.entries(counts).map(([protocol, count]) => (
          <li key={protocol}>
            {protocol} <strong>{figure(count)}</strong>
          </li>
        ))}
      </ul>
      {some.length === 0 && <p class="quiet">Nobody.</p>}
      {some.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label="Connected clients">
          <table>
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col">By</th>
                <th scope="col">With</th>
              </tr>
            </thead>
            <tbody>
              {some.map(({ address, protocol, style, agent, since }, at) => (
                <tr key={at}>
                  <td>{address}</td>
                  <td>{protocol}</td>
                  <td class="quiet">
                    {[agent, style, since === undefined ? undefined : `for ${duration(now - Date.parse(since))}`]
                      .filter((each) => each !== undefined)
                      .join(', ')}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!whole && <p class="quiet small">There are more than were counted.</p>}
    </section>
  );
}

export function Limits({ status }: StatusProps) {
  const limits = status.limits.toSorted((a, b) => b.used / b.max - a.used / a.max);
  return (
    <section class="panel" aria-labelledby="limits-heading">
      <h2 id="limits-heading">Limits</h2>
      <ul class="limits">
        {limits.map(({ name, used, max }) => (
          <li key={name} class={used / max >= nearEdge ? 'limit limit-near' : 'limit'}>
            <span>
              {name}
              {used / max >= nearEdge && <strong> near its edge</strong>}
            </span>
            <span class="quiet small">
              {used.toLocaleString()} of {max.toLocaleString()}
            </span>
            <meter min={0} max={max} high={max * nearEdge} value={used} aria-label={name} />
          </li>
        ))}
      </ul>
    </section>
  );
}
