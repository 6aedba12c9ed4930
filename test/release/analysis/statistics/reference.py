"""Answers of SciPy and statsmodels for 200 random inputs of each statistic.

Run with: python reference.py > reference.json   (needs scipy and statsmodels; the seed is fixed)
"""
import json
import sys

import numpy
import scipy
from scipy import optimize, stats
import statsmodels
from statsmodels.stats.proportion import proportion_confint

random = numpy.random.default_rng(20261121)


def share(most_total):
    total = int(random.integers(20, most_total))
    p = float(random.choice([0.0005, 0.001, 0.01, 0.05, 0.3]))
    return int(random.binomial(total, p)), total


def alpha():
    return float(random.choice([0.05, 0.01, 0.01 / 3, 0.0005]))


def case(kind, inputs, **answers):
    return {"kind": kind, **inputs, **{k: float(v) for k, v in answers.items()}}


def score_bounds(a, b, level):
    """Miettinen and Nurminen's bounds, without their cubic: SciPy maximises the likelihood and solves for the margin.

    statsmodels 0.15 has the same interval, but its cubic has the events of the second group where the paper has their
    total, and it finds none where there are no events.
    """
    (x1, n1), (x2, n2) = a, b

    def score(margin):
        def unlikely(p2):
            p1 = p2 + margin
            return -(stats.binom.logpmf(x1, n1, p1) + stats.binom.logpmf(x2, n2, p2))

        low, high = max(0.0, -margin), min(1.0, 1.0 - margin)
        found = optimize.minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-13})
        p2 = min((found.x, low, high), key=unlikely)
        p1 = p2 + margin
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * (n1 + n2) / (n1 + n2 - 1)
        return (x1 / n1 - x2 / n2 - margin) / variance**0.5

    z, d = stats.norm.ppf(1 - level), x1 / n1 - x2 / n2
    tiny = 1e-9
    low = optimize.brentq(lambda m: score(m) - z, -1 + tiny, d - tiny, xtol=1e-12)
    high = optimize.brentq(lambda m: score(m) + z, d + tiny, 1 - tiny, xtol=1e-12)
    return low, high


cases = []
for _ in range(200):
    a, b = share(20000), share(40000)
    table = [[a[0], a[1] - a[0]], [b[0], b[1] - b[0]]]
    _, p = stats.fisher_exact(table, alternative="greater")
    cases.append(case("fisher", {"a": a, "b": b}, p=p))
for _ in range(200):
    a, b, level = share(5000), share(20000), alpha()
    low, high = score_bounds(a, b, level)
    cases.append(case("difference", {"a": a, "b": b, "alpha": level}, lower=low, upper=high))
for _ in range(200):
    a, level = share(20000), alpha()
    low, high = proportion_confint(a[0], a[1], alpha=2 * level, method="beta")
    low = 0.0 if a[0] == 0 else low
    cases.append(case("share", {"a": a, "alpha": level}, lower=low, upper=high))
for _ in range(200):
    n, q, level = int(random.integers(5, 20000)), float(random.choice([0.5, 0.9, 0.95, 0.99])), alpha()
    # The largest rank l with P(Bin < l) <= alpha, and the least u with P(Bin >= u) <= alpha; 0 and n + 1 for none.
    ranks = numpy.arange(1, n + 1)
    lows = ranks[stats.binom.cdf(ranks - 1, n, q) <= level]
    highs = ranks[stats.binom.sf(ranks - 1, n, q) <= level]
    cases.append(
        case(
            "quantile",
            {"samples": n, "quantile": q, "alpha": level},
            lower=lows.max() if lows.size else 0,
            upper=highs.min() if highs.size else n + 1,
        )
    )
for _ in range(200):
    t, degrees, level = float(random.normal(0, 3)), int(random.integers(1, 200)), alpha()
    cases.append(
        case("student", {"t": t, "degrees": degrees, "alpha": level}, p=stats.t.sf(t, degrees), q=stats.t.ppf(1 - level, degrees))
    )

json.dump({"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "cases": cases}, sys.stdout)
