/** Some of the attributes of presence: all of them in sight, each on or off. */
import { attributeNames, wordsOf } from '../../conditions/attribute-words.ts';

interface PickerProps {
  readonly label: string;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

export function AttributePicker({ label, chosen, onChange }: PickerProps) {
  const names = [...attributeNames, ...chosen.filter((name) => !attributeNames.includes(name))];
  return (
    <fieldset class="words">
      <legend class="small">{label}</legend>
      <div class="word-list">
        {names.map((name) => (
          <label key={name} class="word">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={() =>
                onChange(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name])
              }
            />
            <span>{wordsOf(name).label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
