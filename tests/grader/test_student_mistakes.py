"""Right solutions with one thing wrong, as students write it, are told which mistake it is."""

from pathlib import Path

import pytest

from grader import catalog

FOLDER = Path(__file__).parent / "solutions"


@pytest.mark.parametrize(
    ("name", "right", "wrong", "mistake"),
    [
        ("adam_step", "m_hat / (np", "m / (np", "first-moment-not-corrected"),
        ("adam_step", "(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat + eps)", "eps-inside-the-root"),
        ("adam_step_torch", "g**2", "g", "gradient-not-squared"),
        ("attention", "/ np.sqrt(Q.shape[-1])", "", "not-scaled"),
        ("attention", "-np.inf)", "0.0)", "zero-for-hidden"),
        ("attention", "scores - scores.max(axis=-1, keepdims=True)", "scores", "naive-softmax"),
        ("batch_norm", "gamma * (x - mean)", "(x - mean)", "no-scale"),
        ("batch_norm", "momentum * unbiased", "momentum * var", "biased-running-variance"),
        ("batch_norm", "np.sqrt(var + eps)", "(np.sqrt(var) + eps)", "eps-outside-the-root"),
        ("confusion_metrics", "max(1, np.sum(y_pred))", "np.sum(y_pred)", "precision-undefined"),
        (
            "confusion_metrics_torch",
            "hits / predicted if predicted else 0.0",
            "hits / predicted",
            "division-raises",
        ),
        ("conv2d", ", weight, axes", ", weight[:, :, ::-1, ::-1], axes", "flipped"),
        ("conv2d", " + bias", "", "no-bias"),
        ("conv2d_output_shape", "2 * padding", "padding", "padding-once"),
        ("conv2d_output_shape", "// stride", "/ stride", "not-rounded"),
        ("cross_entropy", "logits.max(axis=1, keepdims=True)", "0", "naive-softmax"),
        ("cross_entropy", "np.mean(", "np.sum(", "sum-for-mean"),
        ("dropout", "(1 - p)", "p", "keep-and-drop-swapped"),
        ("dropout_torch", "mask, x / (1 - p), 0.0", "mask, x, 0.0", "not-scaled"),
        ("embedding_lookup", "axis=0", "axis=1", "columns"),
        ("embedding_lookup", "E, ids,", "E, ids - 1,", "ids-from-one"),
        ("lm_windows", "tokens[context:]", "tokens[context - 1 : -1]", "target-is-last-input"),
        ("lm_windows_torch", "windows[:, -1]", "windows[:, -2]", "target-is-last-input"),
        ("max_pool2d", ".max(", ".mean(", "mean"),
        ("momentum_step", "mu * v + g", "mu * v + (1 - mu) * g", "average-form"),
        ("momentum_step", "w - lr * v, v", "w + lr * v, v", "uphill"),
        ("perplexity", "mask.sum()", "mask.size", "padding-in-the-divisor"),
        ("perplexity", "np.exp(-", "np.exp2(-", "base-2"),
        ("perplexity_torch", "[mask]", "", "padding-counted"),
        ("random_model_loss", "math.log(", "math.log2(", "base-2"),
        ("random_model_loss", "math.log(classes)", "1 / classes", "probability"),
        ("softmax_cross_entropy_gradient", " / len(labels)", "", "sum-for-mean"),
        (
            "softmax_cross_entropy_gradient",
            "logits - logits.max(axis=1, keepdims=True)",
            "logits",
            "naive-softmax",
        ),
    ],
)
def test_a_solution_with_one_thing_wrong_is_told_which(grader, name, right, wrong, mistake):
    source = (FOLDER / f"{name}.py").read_text()
    assert right in source
    task = catalog.task(name.removesuffix("_torch"))
    verdict = grader.grade(task, source.replace(right, wrong).encode(), seed=21)
    assert verdict.mistake == mistake, verdict.message
    assert verdict.message in {mutant.message for mutant in task.mutants}
