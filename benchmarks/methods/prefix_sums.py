"""numpy, textbook prefix sums: five running sums a security, each window a difference of two of their values.

One absurd return of a security spoils all its later windows; nothing may be missing. Alpha, beta, sigma, CAR, SCAR.
"""

import numpy as np

UNIT = "event"


def prepare(data, variant):
    return data["returns"], data["x"][0], data["security"], data["day"]


def summed(values):
    out = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=out[..., 1:])
    return out


def run(state, variant):
    y, x, security, day = state
    sum_y, sum_yy, sum_xy = summed(y), summed(y * y), summed(y * x)
    sum_x, sum_xx = summed(x), summed(x * x)
    n, length = 250, 21
    a, b, c, d = day - 260, day - 10, day - 10, day + 11
    mean_x, mean_y = (sum_x[b] - sum_x[a]) / n, (sum_y[security, b] - sum_y[security, a]) / n
    sxx = sum_xx[b] - sum_xx[a] - n * mean_x**2
    sxy = sum_xy[security, b] - sum_xy[security, a] - n * mean_x * mean_y
    syy = sum_yy[security, b] - sum_yy[security, a] - n * mean_y**2
    beta = sxy / sxx
    alpha = mean_y - beta * mean_x
    sigma = np.sqrt((syy - beta * sxy) / (n - 2))
    total_x = sum_x[d] - sum_x[c]
    car = sum_y[security, d] - sum_y[security, c] - length * alpha - beta * total_x
    factor = length + length**2 / n + (total_x - length * mean_x) ** 2 / sxx
    return {"car": car, "beta": beta, "sigma": sigma, "scar": car / (sigma * np.sqrt(factor))}
