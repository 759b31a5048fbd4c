"""How an effect is carried over weeks and how more spend brings less: values, and how slopes flow back through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]
Back = Callable[[Array], tuple[Array, ...]]

# Coordinates a shape needs beside the first, by kind.
ADSTOCKS: Final = {"geometric": ("decay",), "delayed": ("decay", "peak"), "weibull": ("scale", "shape")}
SATURATIONS: Final = {"tanh": ("half",), "hill": ("half", "slope")}
# tanh(HALF) = 1/2, so that half is the spend of half the effect in every form.
HALF: Final = float(np.arctanh(0.5))


def carry(kind: str, weeks: int, u: Array) -> tuple[Array, Back]:
    r"""Weights of the spend of 0 to ``weeks`` weeks ago, and the pullback of their gradient.

    All forms are :math:`w_l \propto e^{h_l}`: geometric :math:`h_l = l \ln\alpha` with u = logit(alpha); delayed
    :math:`(l-\theta)^2 \ln\alpha` with theta = exp(u_2); weibull :math:`(k-1) \ln v - v^k`, v = (l + 1) / scale,
    with u = (ln scale, ln k).

    Args:
        kind: a key of ``ADSTOCKS``.
        weeks: longest lag L.
        u: (coordinates, ...) unconstrained.

    Returns weights (..., L + 1) that sum to 1, and a function from dF/dw to dF/du, one array a coordinate.

    >>> w, _ = carry("geometric", 2, np.array([0.0]))
    >>> w.round(3).tolist()
    [0.571, 0.286, 0.143]
    """
    lag = np.arange(weeks + 1.0)
    slopes: tuple[Array, ...]
    if kind == "weibull":
        k = np.exp(u[1])[..., None]
        log_v = np.log(lag + 1) - u[0][..., None]
        power = np.exp(np.minimum(k * log_v, 300.0))
        height = (k - 1) * log_v - power
        slopes = (k * power - (k - 1), k * log_v * (1 - power))
    else:
        keep, log_decay = special.expit(-u[0])[..., None], special.log_expit(u[0])[..., None]
        far = lag if kind == "geometric" else lag - np.exp(u[1])[..., None]
        squared = lag if kind == "geometric" else far**2
        height = squared * log_decay
        slopes = (squared * keep,)
        if kind == "delayed":
            slopes += (-2 * far * log_decay * np.exp(u[1])[..., None],)
    w = np.exp(height - height.max(axis=-1, keepdims=True))
    w /= w.sum(axis=-1, keepdims=True)

    def back(g: Array) -> tuple[Array, ...]:
        centred = w * (g - (w * g).sum(axis=-1, keepdims=True))
        return tuple((centred * s).sum(axis=-1) for s in slopes)

    return w, back


def saturate(kind: str, a: Array, u: Array) -> tuple[Array, Callable[[Array], tuple[Array, ...]]]:
    r"""Share of the greatest effect at adstocked spend a, and the pullback of its gradient.

    tanh: :math:`\tanh(\tfrac{\ln 3}{2} a / half)`; hill: :math:`a^k / (a^k + half^k)`; u = (ln half, ln k).

    Returns the share, and a function from dF/dshare to (dF/da, dF/du_1, ...) with the last axis of a summed out.

    >>> saturate("tanh", np.array([[2.0]]), np.log([[2.0]]))[0].round(3).tolist()
    [[0.5]]
    """
    if kind == "tanh":
        rate = HALF * np.exp(-u[0])[..., None]
        s: Array = np.tanh(a * rate)

        def back(g: Array) -> tuple[Array, ...]:
            inner = g * (1 - s * s)
            inner *= rate
            return inner, -_dot(inner, a)

        return s, back
    k = np.exp(u[1])[..., None]
    log_ratio = np.log(np.maximum(a, 1e-12)) - u[0][..., None]
    s = special.expit(k * log_ratio) * (a > 1e-12)

    def back_hill(g: Array) -> tuple[Array, ...]:
        inner = g * s * (1 - s) * k
        return inner / np.maximum(a, 1e-12), -inner.sum(axis=-1), _dot(inner, log_ratio)

    return s, back_hill


def _dot(a: Array, b: Array) -> Array:
    out: Array = np.einsum("...n,...n->...", a, b)
    return out


def lagged(x: Array, weeks: int) -> Array:
    """Spend of 0 to ``weeks`` weeks ago: (..., time) to (..., L + 1, time); nothing is known before the first row.

    >>> lagged(np.array([1.0, 2.0, 3.0]), 1).tolist()
    [[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]]
    """
    out = np.zeros((*x.shape[:-1], weeks + 1, x.shape[-1]))
    for lag in range(min(weeks + 1, x.shape[-1])):
        out[..., lag, lag:] = x[..., : x.shape[-1] - lag]
    return out


def described(kind: str, u: Array) -> dict[str, Any]:
    """Coordinates of an adstock in their own units: decay a week, weeks to the peak, or scale in weeks and shape."""
    names = ADSTOCKS[kind]
    return {n: special.expit(u[i]) if n == "decay" else np.exp(u[i]) for i, n in enumerate(names)}
