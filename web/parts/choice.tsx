/** One of a few, all of them in sight: radio buttons that look like one bar. */
import { useId, useState } from 'preact/hooks';

interface ChoiceProps<T extends string> {
  readonly label: string;
  /** Undefined while it is not known. */
  readonly value: T | undefined;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  /** As long as it is not over, what was chosen is shown, and then what holds. */
  readonly onChange: (value: T) => Promise<unknown> | void;
  readonly isLabelHidden?: boolean;
}

export function Choice<T extends string>({ label, value, options, onChange, isLabelHidden = false }: ChoiceProps<T>) {
  const name = useId();
  const [wanted, want] = useState<{ readonly value: T }>();
  const shown = wanted?.value ?? value;
  const choose = async (chosen: T): Promise<void> => {
    const mine = { value: chosen };
    want(mine);
    await onChange(chosen);
    want((latest) => (latest === mine ? undefined : latest));
  };
  return (
    <fieldset class="choice" aria-busy={value === undefined || wanted !== undefined}>
      <legend class={isLabelHidden ? 'visually-hidden' : ''}>{label}</legend>
      <div class="choice-bar">
        {options.map((option) => (
          <label key={option.value} class={`choice-option choice-${option.value}`}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === shown}
              onChange={() => void choose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
