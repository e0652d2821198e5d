"""BlackJAX's chains for `pm.sample`, without the progress bar that its newer versions took away.

PyMC hands `progress_bar` to `window_adaptation` and asks for `progress_bar.gen_scan_fn`; neither is
there any more. All else is as in PyMC: window adaptation, then NUTS, every chain on its own.
"""

from collections.abc import Callable
from typing import Any

import blackjax
import jax
from blackjax.adaptation.base import get_filter_adapt_info_fn
from pymc.sampling import jax as by_jax


def loop(
    seed: Any,
    init_position: Any,
    logp_fn: Callable[..., Any],
    draws: int,
    tune: int,
    target_accept: float,
    **_: Any,
) -> tuple[Any, dict[str, Any]]:
    """Draws of one chain, and the sampler's statistics."""
    adapt = blackjax.window_adaptation(
        blackjax.nuts,
        logp_fn,
        target_acceptance_rate=target_accept,
        adaptation_info_fn=get_filter_adapt_info_fn(),
    )
    (last, tuned), _ = adapt.run(seed, init_position, num_steps=tune)
    step = blackjax.nuts(logp_fn, **tuned).step

    def one(state: Any, key: Any) -> tuple[Any, Any]:
        after, info = step(key, state)
        stats = {"diverging": info.is_divergent, "n_steps": info.num_integration_steps}
        return after, (after.position, stats)

    return jax.lax.scan(one, last, jax.random.split(seed, draws))[1]


def put_in() -> None:
    """Let `pm.sample` use `loop`."""
    by_jax._blackjax_inference_loop = loop
