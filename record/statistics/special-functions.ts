/** @file The special functions that the statistics need, to about twelve digits. */

/** ln Gamma(x), x > 0. Lanczos' approximation, g = 7, nine terms (Godfrey's coefficients). */
export function logGamma(x: number): number {
  const LANCZOS = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
    -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
    1.5056327351493116e-7,
  ];
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (x - 1 + i)), 0);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * I_x(a, b), the regularized incomplete beta function; 0 <= x <= 1, a, b > 0.
 *
 * Continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions, by Lentz's method.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront =
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return (Math.exp(logFront) / a) * betaFraction(x, a, b);
}

function betaFraction(x: number, a: number, b: number): number {
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let value = d;
  for (let m = 1; m < 1e6; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      change = d * c;
      value *= change;
    }
    if (Math.abs(change - 1) < 1e-15) return value;
  }
  throw new Error(`incompleteBeta(${x}, ${a}, ${b}) does not converge`);
}

/** P(Z > u) of the standard normal distribution, with small relative error in the upper tail. */
export function normalTail(u: number): number {
  if (u < 0) return 1 - normalTail(-u);
  const density = Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
  return u < 3 ? 0.5 - density * oddSeries(u) : density / tailFraction(u);
}

/** u + u^3/3 + u^5/(3 5) + ...: DLMF 7.6.2. */
function oddSeries(u: number): number {
  let [term, sum] = [u, u];
  for (let k = 3; term > 1e-17 * sum; k += 2) {
    term *= (u * u) / k;
    sum += term;
  }
  return sum;
}

/** u + 1/(u + 2/(u + 3/(u + ...))): DLMF 7.9.3, from the inside out. */
function tailFraction(u: number): number {
  let value = u;
  for (let k = 120; k >= 1; k--) value = u + k / value;
  return value;
}
