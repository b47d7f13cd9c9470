"""Pictures that explain a variant, drawn from its own numbers as SVG with a text alternative.

They may show the key, so they belong to the solution.
"""

from collections.abc import Callable, Mapping

from problems.core import Variant
from quizapp.services.pictures import curves, matrices, recurrent, windows
from quizapp.services.pictures.svg import Picture

FAMILIES: Mapping[str, Callable[[Variant], Picture | None]] = {
    "conv_out_shape": windows.convolution_shape,
    "conv_value": windows.convolution,
    "pool_value": windows.pooling,
    "lstm_forget_gate": recurrent.gate("f"),
    "lstm_input_gate": recurrent.gate("i"),
    "lstm_candidate": recurrent.gate("c_tilde"),
    "lstm_output_gate": recurrent.gate("o"),
    "lstm_cell_update": recurrent.cell_update,
    "lstm_hidden": recurrent.hidden_state,
    "random_model_ce": curves.guessing_loss,
    "vanishing_gradient": curves.gradient_through_time,
    "confusion_metrics": matrices.confusion,
    "rare_disease_metric": matrices.rare_disease,
}


def picture(variant: Variant) -> Picture | None:
    """Return the picture that goes with the solution of one of the bank's variants, if any does.

    Never for a course's own problem: it may have the name of a family of the bank, and any numbers.
    """
    draw = FAMILIES.get(variant.family)
    return draw(variant) if draw else None
