"""Whether the starter code of a task defines what the grader calls. It is read, and never run."""

import ast

from grader.core import Task


def fault(task: Task) -> str:
    """Say what is wrong with a task's starter code; empty where nothing is."""
    try:
        found = ast.parse(task.starter).body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return f"the starter code is no Python: {error}"
    functions, missing = _arguments(found), []
    wanted = {task.function: [*task.arguments]}
    if task.module is not None:
        classes = {node.name: node for node in found if isinstance(node, ast.ClassDef)}
        if task.function not in classes:
            return f"the starter code must define class {task.function}"
        functions = _arguments(classes[task.function].body)
        wanted = {
            "__init__": ["self", *task.module.sizes],
            "forward": ["self", *task.module.inputs],
        }
    missing = [
        f"{name}({', '.join(names)})"
        for name, names in wanted.items()
        if functions.get(name) != names
    ]
    return f"the starter code must define {' and '.join(missing)}" if missing else ""


def _arguments(body: list[ast.stmt]) -> dict[str, list[str]]:
    """Return the names of the arguments of the functions that a body defines, by function."""
    return {
        node.name: [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        for node in body
        if isinstance(node, ast.FunctionDef)
    }
