"""Uncover the hidden hierarchy of a task: train a neural network, prune it until it fails, and read what is left

    import neural_sculpting as ns
    task = ns.read_task("table.csv")           # a truth table; ns.task_from_arrays takes inputs and targets
    answer = ns.uncover(task)                  # what many sculpted networks say, and what the rows prove
    print(answer); answer.plot()
    result = ns.sculpt(task)                   # single networks: result.networks, result.table, result.plot()
"""

__version__ = "0.1.0"

_homes = dict(
    Answer="consensus", Detecting="settings", FunctionGraph="graphs", Population="networks", Pruning="settings",
    Recipe="settings", SculptedClassifier="estimator", Task="tasks", boolean_task="tasks", decompose="decomposition",
    detect_modules="detection", faithfulness="interventions", module_cards="cards", random_hierarchy="random_tasks",
    read_task="exchange.tasks", recovery="hierarchy", run="report", sculpt="sculpting", task_from_arrays="tasks",
    task_from_truth_table="tasks", uncover="consensus", view="pictures.viewer") # loaded when they are asked for

def __getattr__(name):
    if name not in _homes: raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module
    return getattr(import_module(f"{__name__}.{_homes[name]}"), name)

def __dir__(): return sorted({*globals(), *_homes})
