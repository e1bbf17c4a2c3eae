/** One of a few, all of them in sight: radio buttons that look like one bar. */
import { useId } from 'preact/hooks';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  readonly isLabelHidden?: boolean;
}

export function Choice<T extends string>({ label, value, options, onChange, isLabelHidden = false }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class={isLabelHidden ? 'visually-hidden' : ''}>{label}</legend>
      <div class="choice-bar">
        {options.map((option) => (
          <label key={option.value} class={`choice-option choice-${option.value}`}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
