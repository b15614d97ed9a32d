// Decimal numbers as texts, exactly: a JavaScript number would round them.

/** coefficient / 10^scale. */
interface Decimal { coefficient: bigint; scale: number }

const form = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** How many digits a number may have before and behind the point. No amount has as many. */
const mostDigits = 1000;

function parse(text: string): Decimal {
  const [, sign, whole, part = "", exponent = "0"] = form.exec(text) ?? [];
  if (whole === undefined) {
    throw new Error(`${JSON.stringify(text.slice(0, 40))} is no decimal number`);
  }
  const scale = part.length - Number(exponent);
  if (whole.length + part.length > mostDigits || Math.abs(scale) > mostDigits) {
    throw new Error(`${JSON.stringify(text.slice(0, 40))}… has more than ${mostDigits} digits`);
  }
  const coefficient = BigInt(sign + whole + part);
  return scale >= 0 ? { coefficient, scale } : { coefficient: coefficient * 10n ** BigInt(-scale), scale: 0 };
}

/** Less than 0, 0 or more than 0, as the one number is less than the other, the same, or more. */
export function compare(one: string, other: string): number {
  const a = parse(one), b = parse(other), scale = Math.max(a.scale, b.scale);
  const difference = a.coefficient * 10n ** BigInt(scale - a.scale) - b.coefficient * 10n ** BigInt(scale - b.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum of numbers. */
export function sum(numbers: string[]): string {
  const all = numbers.map(parse), scale = Math.max(0, ...all.map((d) => d.scale));
  const total = all.reduce((to, d) => to + d.coefficient * 10n ** BigInt(scale - d.scale), 0n);
  const digits = (total < 0n ? -total : total).toString().padStart(scale + 1, "0"), at = digits.length - scale;
  return (total < 0n ? "-" : "") + digits.slice(0, at) + (scale > 0 ? "." + digits.slice(at) : "");
}

/** The number with at most that many digits behind the point; halves are rounded away from zero. */
export function round(text: string, scale: number): string {
  const d = parse(text);
  if (d.scale <= scale) {
    return text;
  }
  const unit = 10n ** BigInt(d.scale - scale), twice = (d.coefficient < 0n ? -d.coefficient : d.coefficient) * 2n;
  const rounded = (twice + unit) / (unit * 2n);
  const digits = rounded.toString().padStart(scale + 1, "0"), at = digits.length - scale;
  return (d.coefficient < 0n && rounded > 0n ? "-" : "") + digits.slice(0, at) + (scale > 0 ? "." + digits.slice(at) : "");
}
