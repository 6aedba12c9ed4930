/** How many of `trials` succeed, each with this probability. Exact for few expected ones, else by the normal distribution. */
export function binomial(trials: number, probability: number, random: () => number): number {
  if (trials <= 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - binomial(trials, 1 - probability, random);
  const mean = trials * probability;
  if (mean < 30) return few(trials, probability, random);
  const normal = Math.sqrt(-2 * Math.log1p(-random())) * Math.cos(2 * Math.PI * random());
  const drawn = Math.round(mean + normal * Math.sqrt(mean * (1 - probability)));
  return Math.min(trials, Math.max(0, drawn));
}

/** By inversion, from 0 upwards. */
function few(trials: number, probability: number, random: () => number): number {
  const odds = probability / (1 - probability);
  let left = random();
  let density = (1 - probability) ** trials;
  for (let count = 0; count < trials; count += 1) {
    if (left < density) return count;
    left -= density;
    density *= (odds * (trials - count)) / (count + 1);
  }
  return trials;
}
